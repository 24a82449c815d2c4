// Syncs all channels on a schedule, as a call for all of them does. One thread
// sleeps until a Sync is due, takes it for itself, reads what it would do in
// bounded parts, and starts it where something is to be done. Several replicas
// may each have one: a Sync that is due is started once, by whoever comes
// first, and by another if that one ends before.
//
// The environment owns it, starts it after the database and stops it before.
// Stop may be called by any thread.
#ifndef BROADCASTD_SYNC_SYNC_TIMER_H_
#define BROADCASTD_SYNC_SYNC_TIMER_H_

#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/due_thread.h"
#include "base/log.h"
#include "feeds/feed_policy.h"
#include "storage/database.h"
#include "sync/read_plan.h"
#include "sync/start_sync.h"
#include "sync/sync_timer_metrics.h"

namespace broadcast::sync {

class SyncTimer {
 public:
  struct Options {
    // All pointers outlive the timer.
    storage::Database* database = nullptr;
    const Clock* clock = nullptr;
    Log* log = nullptr;
    SyncTimerMetrics* metrics = nullptr;
    feeds::FeedPolicy policy;
    absl::Duration interval;  // above zero; the first is due after one
    // Called after each Sync that has been started. Must not block.
    std::function<void()> on_started = [] {};
  };

  explicit SyncTimer(Options options);

  void Start() { thread_.Start(); }

  // Ends after the part that is read, or the transaction that runs. A Sync that
  // was taken and is not started yet is left to others.
  void Stop() { thread_.Stop(); }

 private:
  // A Sync that this one has taken.
  struct Taken {
    absl::Time due;
    absl::Time held_until;  // what next_sync_time says as long as it is ours
  };

  // One look, or one step with what was taken. Answers how long to sleep.
  absl::StatusOr<absl::Duration> Round();
  absl::StatusOr<absl::Duration> Look();
  // Takes what is due, or says when it will be. Answers as Round.
  absl::StatusOr<absl::Duration> Take(std::optional<absl::Time> seen);
  absl::Status ReadPart();
  absl::Status HoldLonger();
  absl::Status StartTaken();
  void Tell(const WholePlan& plan, const std::optional<StartedSync>& started);

  const Options options_;
  // How long a Sync is left to the one who has taken it and says no more.
  const absl::Duration hold_;

  // The thread's own. The reader is there while something is taken.
  Taken taken_;
  std::optional<PlanReader> reader_;

  DueThread thread_;  // the last to come, so the first to go
};

}  // namespace broadcast::sync

#endif  // BROADCASTD_SYNC_SYNC_TIMER_H_
