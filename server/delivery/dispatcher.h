// The only part that sends. Takes what waits in the outbox, lane by lane, and
// has it sent by the account's sender: the intent is durable before the first
// byte leaves, the outcome after the last one came back, and what lies between
// when the process dies is found by the next owner of the lane as unknown.
// Commands and the dispatcher meet in the outbox only.
//
// One thread does it all: it waits for no database and no network, both answer
// by posting to its loop. The environment owns the one Dispatcher, starts it
// after the database and the senders and drains it before them. Wake may
// be called by any thread.
#ifndef BROADCASTD_DELIVERY_DISPATCHER_H_
#define BROADCASTD_DELIVERY_DISPATCHER_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/fail_points.h"
#include "base/ids.h"
#include "base/log.h"
#include "delivery/claims.h"
#include "delivery/context.h"
#include "delivery/delivery_metrics.h"
#include "delivery/lane.h"
#include "delivery/lane_limits.h"
#include "delivery/loop.h"
#include "delivery/outcome_writer.h"
#include "delivery/retry.h"
#include "senders/sender.h"
#include "storage/database.h"
#include "storage/outbox.h"
#include "storage/outcomes.h"

namespace broadcast::delivery {

class Dispatcher {
 public:
  struct Account {
    senders::Sender* sender = nullptr;
    storage::Platform platform = storage::Platform::kLog;
    Limits limits;
    // More than one only without a limit of the account.
    std::vector<std::string> lane_ids;
    absl::Duration attempt_timeout = absl::Seconds(30);
  };

  // Pointers outlive the dispatcher, and senders also every attempt.
  struct Options {
    storage::Database* database = nullptr;
    const Clock* clock = nullptr;
    Log* log = nullptr;
    prometheus::Registry* registry = nullptr;
    IdSource* ids = nullptr;
    FailPoints* fail_points = nullptr;  // outlives the database as well

    std::string owner;  // another one for each process
    uint64_t seed = 0;  // of jitter
    std::map<std::string, Account> accounts;
    storage::LaneChooser lane_of;  // as commands choose; none: strays stay
    storage::OutcomePolicy policy;
    RetryPolicy retry;
    int64_t window = 256;  // in flight in each lane
    // Of a lane; renewed each third of it. Zero: 15 s, or with SQLite, which
    // has one process alone, practically for ever.
    absl::Duration lease;
    std::chrono::nanoseconds poll_period = std::chrono::seconds(1);
    std::chrono::nanoseconds metrics_period = std::chrono::seconds(10);
  };

  explicit Dispatcher(Options options);
  // Without Drain() it is as if the process had died.
  ~Dispatcher();

  void Start();

  // A command has committed deliveries. Never waits.
  void Wake();

  // Takes no more, waits for what is under way, makes all outcomes durable and
  // gives the lanes back. What has not been answered shortly before `deadline`
  // is recorded as unknown. True if nothing was left to the next owner.
  bool Drain(SteadyTime deadline);

 private:
  enum class Stage { kRunning, kResting, kReleasing, kDrained };

  SteadyTime Round(SteadyTime now);
  void Written(const OutcomeWriter::Written& written);
  void NoteDisabled(const storage::OutcomeSummary& summary);
  SteadyTime Measure(SteadyTime now);
  void NoteOwners(const std::vector<storage::Lane>& lanes, absl::Time now);
  SteadyTime Finish(SteadyTime now);
  void AbandonLanes();

  // Constant after construction.
  const std::chrono::nanoseconds metrics_period_;
  DeliveryMetrics metrics_;
  std::unique_ptr<Loop> loop_;

  // The loop's own.
  Context context_;
  std::unique_ptr<OutcomeWriter> outcomes_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::unique_ptr<Claims> claims_;
  SteadyTime measure_at_ = SteadyTime::min();
  bool measuring_ = false;
  Stage stage_ = Stage::kRunning;
  SteadyTime abandon_at_ = SteadyTime::max();

  std::atomic<bool> woken_{false};
  absl::Notification drained_;
};

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_DISPATCHER_H_
