// Makes outcomes durable: those of all lanes that came while the previous write
// was under way go into the next one. An outcome is written until the database
// takes it; it is never dropped while the process lives. The dispatcher's; used
// by its loop.
#ifndef BROADCASTD_DELIVERY_OUTCOME_WRITER_H_
#define BROADCASTD_DELIVERY_OUTCOME_WRITER_H_

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "delivery/context.h"
#include "storage/outcomes.h"

namespace broadcast::delivery {

class Lane;

// Where an outcome came from. The writer looks into none of it.
struct OutcomeOrigin {
  Lane* lane = nullptr;
  std::string channel_id;
  std::string address;
};

class OutcomeWriter {
 public:
  struct Written {
    const std::vector<storage::OutcomeRecord>& records;
    const std::vector<OutcomeOrigin>& origins;  // of the records
    const storage::OutcomeSummary& summary;
  };

  // `on_written` is called on the loop. `context` outlives this.
  OutcomeWriter(Context* context,
                std::function<void(const Written&)> on_written);

  void Add(storage::OutcomeRecord record, OutcomeOrigin origin);

  // Begins a write if none is under way; answers when to be called again.
  SteadyTime Round(SteadyTime now);

  bool empty() const { return !writing_ && batches_.empty(); }

 private:
  struct Batch {
    std::vector<storage::OutcomeRecord> records;
    std::vector<OutcomeOrigin> origins;
    SteadyTime not_before = SteadyTime::min();
    int failures = 0;
  };

  void Write(std::shared_ptr<Batch> batch);
  void Answered(std::shared_ptr<Batch> batch, const absl::Status& status,
                const storage::OutcomeSummary& summary);
  void TryAgain(std::shared_ptr<Batch> batch, const absl::Status& status);

  // Constant after construction.
  Context* const context_;
  const std::function<void(const Written&)> on_written_;

  std::deque<std::shared_ptr<Batch>> batches_;  // the last one still grows
  bool writing_ = false;
  bool failing_ = false;
};

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_OUTCOME_WRITER_H_
