// One lane: what it may send, in which order and when. Takes the heads of the
// channels whose turn it is, records the intent to send them, starts the sender
// when the limits allow it, and hands what it reports to the outcome writer.
// Between its intent and its durable outcome a delivery is in flight; at most
// `window` are.
//
// It sends only while it is owned and its claim is trusted (see Claims). The
// dispatcher's; used by the loop.
#ifndef BROADCASTD_DELIVERY_LANE_H_
#define BROADCASTD_DELIVERY_LANE_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "delivery/context.h"
#include "delivery/intake.h"
#include "delivery/lane_limits.h"
#include "delivery/outcome_of.h"
#include "delivery/outcome_writer.h"
#include "delivery/prober.h"
#include "senders/sender.h"
#include "storage/lanes.h"
#include "storage/outbox.h"
#include "storage/own_intents.h"

namespace broadcast::delivery {

struct LaneOptions {
  std::string lane_id;
  std::string account;
  storage::Platform platform = storage::Platform::kLog;
  senders::Sender* sender = nullptr;
  Limits limits;
  int64_t window = 256;
  absl::Duration attempt_timeout = absl::Seconds(30);
};

class Lane {
 public:
  // What a new owner must know.
  struct History {
    std::vector<std::pair<std::string, SteadyTime>> sent;  // by channel
    SteadyTime paused_until = SteadyTime::min();
  };

  // Pointers outlive this.
  Lane(LaneOptions options, Context* context, OutcomeWriter* outcomes);

  // The claim begins, and is trusted until then.
  void Own(const storage::LaneClaim& claim, SteadyTime trusted_until,
           const History& history);
  void Trust(SteadyTime until) { trusted_until_ = until; }
  // It has ended. What was sent is still reported and recorded.
  void Lose();
  const std::optional<storage::LaneClaim>& claim() const { return claim_; }
  // True once after the database said that the claim does not hold.
  bool ForgetDoubt() { return std::exchange(doubted_, false); }

  // Takes nothing more, and gives back what was not begun.
  void Rest();
  bool resting() const { return resting_; }
  // Waits no longer for what senders have not reported; answers how many that
  // is.
  int64_t Abandon();
  // Nothing is in flight, as far as can be known.
  bool quiet() const {
    return flights_.empty() && intending_ == 0 && !reconciling_ &&
           reconcile_left_ < 2;
  }
  int64_t in_flight() const { return static_cast<int64_t>(flights_.size()); }
  // Deliveries in memory, those in flight included.
  int64_t held() const {
    return in_flight() + static_cast<int64_t>(intake_.waiting().size());
  }

  // Something may have been added.
  void Wake() { intake_.Wake(); }

  // Does what can be done; answers when to be called again.
  SteadyTime Round(SteadyTime now);

  // An outcome is durable, and came to `state`: nothing if it was stale.
  void Recorded(const storage::OutcomeRecord& record,
                std::optional<storage::DeliveryState> state,
                const std::string& channel_id, bool more);
  void ProbeChannel(const std::string& channel_id, const std::string& address) {
    prober_.Ask(channel_id, address);
  }

  const LaneOptions& options() const { return options_; }

 private:
  enum class Stage { kIntended, kStarted, kReported };
  struct Flight {
    storage::TakenDelivery delivery;  // its content is with the sender
    Stage stage = Stage::kIntended;
  };

  bool Sends(SteadyTime now) const {
    return claim_.has_value() && now < trusted_until_;
  }

  // lane.cc: intents.
  int64_t Room(SteadyTime now) const;
  SteadyTime Intend(SteadyTime now);
  void RecordIntents(const std::vector<std::string>& channel_ids,
                     SteadyTime now);
  void Intended(const std::vector<std::string>& channel_ids,
                storage::TakenIntents intents);
  void NotIntended(const std::vector<std::string>& channel_ids,
                   const absl::Status& status);
  SteadyTime Reconcile(SteadyTime now);
  void Reconciled(const std::vector<storage::OwnIntent>& intents);

  // lane_attempts.cc: attempts and what comes of them.
  SteadyTime StartDue(SteadyTime now);
  void Start(Flight& flight, SteadyTime now);
  void Reported(const std::string& delivery_id, int64_t fence,
                const senders::Report& report);
  void Note(const senders::Report& report,
            const storage::OutcomeRecord& record);
  void AccountStopped(const senders::Report& report);
  absl::Duration AccountRest(SteadyTime now) const;
  void GiveBack(const char* reason);
  void End(Flight& flight, storage::OutcomeRecord record);
  OutcomeContext Circumstances();

  // Constant after construction.
  const LaneOptions options_;
  Context* const context_;
  OutcomeWriter* const outcomes_;

  LaneLimits limits_;
  Intake intake_;
  Prober prober_;

  std::optional<storage::LaneClaim> claim_;
  SteadyTime trusted_until_ = SteadyTime::min();
  bool doubted_ = false;
  bool resting_ = false;

  absl::flat_hash_map<std::string, Flight> flights_;  // by delivery id
  std::deque<std::string> unstarted_;                 // of them, in order

  int64_t intending_ = 0;  // channels of the intents that are being written
  std::chrono::nanoseconds intent_time_{0};  // of a write, smoothed
  SteadyTime intend_after_ = SteadyTime::min();
  int intent_failures_ = 0;

  // Intents may be in the database that we do not know of.
  int reconcile_left_ = 0;
  SteadyTime reconcile_at_ = SteadyTime::min();
  bool reconciling_ = false;
  absl::flat_hash_set<std::string> ended_;  // deliveries, while reconciling

  int account_refusals_ = 0;  // in a row
  SteadyTime account_rest_until_ = SteadyTime::min();
  SteadyTime sweep_at_ = SteadyTime::min();
};

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_LANE_H_
