// Plans what operations in state planning still have to decide. One thread
// takes one bounded step after the other, behind the requests of callers, and
// sleeps until a plan is due. Idle, it costs the same however many channels
// there are. Several replicas may each have one: they share the plans.
//
// The environment owns it, starts it after the database and stops it before.
// Wake and Stop may be called by any thread.
#ifndef BROADCASTD_SYNC_PLANNER_H_
#define BROADCASTD_SYNC_PLANNER_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/log.h"
#include "feeds/feed_policy.h"
#include "storage/database.h"
#include "sync/plan_step.h"

namespace broadcast::sync {

class Planner {
 public:
  struct Options {
    // All pointers outlive the planner.
    storage::Database* database = nullptr;
    const Clock* clock = nullptr;
    Log* log = nullptr;
    feeds::FeedPolicy policy;
    // Called after each step that has made deliveries. Must not block.
    std::function<void()> on_planned = [] {};
  };

  explicit Planner(Options options);
  ~Planner();

  void Start();

  // Looks at once: a plan waits. Never waits.
  void Wake();

  // Ends after the step that runs.
  void Stop();

 private:
  void Loop();
  // One look and, if a plan is due, one step. Answers how long to sleep.
  absl::StatusOr<absl::Duration> Round();
  // How long until the next plan is due, at most `longest_sleep_`.
  absl::StatusOr<absl::Duration> Look();
  absl::StatusOr<PlanStep> Step();
  // Lets the others have their turn if one plan is at fault.
  void Postpone(const PlanKey& key);
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

}  // namespace broadcast::sync

#endif  // BROADCASTD_SYNC_PLANNER_H_
