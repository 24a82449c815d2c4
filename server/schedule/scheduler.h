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

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
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
  ~Scheduler();

  void Start();

  // Looks at once: an entry, or the pause, was changed. Never waits.
  void Wake();

  // Ends after the transaction that runs.
  void Stop();

 private:
  // What is known of the next firing.
  struct Outlook {
    bool paused = false;
    std::optional<absl::Time> next_due;
    absl::Time now;  // the database's, when it was asked
  };

  void Loop();
  // One look and, if something is due, one transaction. Answers how long to
  // sleep.
  absl::StatusOr<absl::Duration> Round();
  absl::StatusOr<Outlook> Look();
  absl::StatusOr<FiredDue> Fire();
  absl::Duration SleepUntil(const Outlook& outlook) const;
  absl::Duration BackOff(const absl::Status& failure);
  // False when it is time to stop.
  bool Sleep(absl::Duration most);

  // Constant after construction.
  const Options options_;
  const absl::Duration longest_sleep_;

  // The thread's own.
  absl::Duration back_off_ = absl::ZeroDuration();  // zero: no failure

  // Standard ones: they alone can wait by the steady clock.
  std::mutex mu_;
  std::condition_variable changed_;
  bool woken_ = false;     // guarded by mu_
  bool stopping_ = false;  // guarded by mu_
  std::thread thread_;
};

// Counts what a transaction fired and skipped, the scheduler's or ExecuteDue's.
void Observe(const FiredDue& fired, SchedulerMetrics& metrics);

}  // namespace broadcast::schedule

#endif  // BROADCASTD_SCHEDULE_SCHEDULER_H_
