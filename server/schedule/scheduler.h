// Fires entries when they are due. One thread sleeps until the earliest of
// their times, then fires what is due in bounded transactions behind the
// requests of callers. Idle, it costs the same however many entries there are.
// Several replicas may each have one: whoever comes first fires. For an
// external cron, which calls ExecuteDue, there is none.
//
// The environment owns it, starts it after the database and stops it before.
// Wake and Stop may be called by any thread.
#ifndef BROADCASTD_SCHEDULE_SCHEDULER_H_
#define BROADCASTD_SCHEDULE_SCHEDULER_H_

#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/due_thread.h"
#include "base/ids.h"
#include "base/log.h"
#include "base/metrics.h"
#include "entries/firing.h"
#include "schedule/fire_due.h"
#include "storage/database.h"

namespace broadcast::schedule {

class Scheduler {
 public:
  struct Options {
    // All pointers outlive the scheduler.
    storage::Database* database = nullptr;
    const Clock* clock = nullptr;
    IdSource* ids = nullptr;
    Log* log = nullptr;
    SchedulerMetrics* metrics = nullptr;
    entries::FiringPolicy policy;
    // Called after each transaction that fired something. Must not block.
    std::function<void()> on_fired = [] {};
  };

  explicit Scheduler(Options options);

  void Start() { thread_.Start(); }

  // Looks at once: an entry, or the pause, was changed. Never waits.
  void Wake() { thread_.Wake(); }

  // Ends after the transaction that runs.
  void Stop() { thread_.Stop(); }

 private:
  // What is known of the next firing.
  struct Outlook {
    bool paused = false;
    std::optional<absl::Time> next_due;
    absl::Time now;  // the database's, when it was asked
  };

  // One look and, if something is due, one transaction. Answers how long to
  // sleep.
  absl::StatusOr<absl::Duration> Round();
  absl::StatusOr<Outlook> Look();
  absl::StatusOr<FiredDue> Fire();
  absl::Duration SleepUntil(const Outlook& outlook) const;

  const Options options_;
  DueThread thread_;  // the last to come, so the first to go
};

// Counts what a transaction fired and skipped, the scheduler's or ExecuteDue's.
void Observe(const FiredDue& fired, SchedulerMetrics& metrics);

}  // namespace broadcast::schedule

#endif  // BROADCASTD_SCHEDULE_SCHEDULER_H_
