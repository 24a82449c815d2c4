// Plans what operations in state planning still have to decide. One thread
// takes one bounded step after the other, behind the requests of callers, and
// sleeps until a plan is due. Idle, it costs the same however many channels
// there are. Several replicas may each have one: they share the plans.
//
// The environment owns it, starts it after the database and stops it before.
// Wake and Stop may be called by any thread.
#ifndef BROADCASTD_SYNC_PLANNER_H_
#define BROADCASTD_SYNC_PLANNER_H_

#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/due_thread.h"
#include "base/fail_points.h"
#include "base/log.h"
#include "feeds/feed_policy.h"
#include "storage/database.h"
#include "sync/plan_step.h"

namespace broadcast::sync {

class Planner {
 public:
  struct Options {
    // All pointers outlive the planner; fail_points may be null.
    storage::Database* database = nullptr;
    const Clock* clock = nullptr;
    Log* log = nullptr;
    FailPoints* fail_points = nullptr;  // outlives the database as well
    feeds::FeedPolicy policy;
    // Called after each step that has made deliveries. Must not block.
    std::function<void()> on_planned = [] {};
  };

  explicit Planner(Options options);

  void Start() { thread_.Start(); }

  // Looks at once: a plan waits. Never waits.
  void Wake() { thread_.Wake(); }

  // Ends after the step that runs.
  void Stop() { thread_.Stop(); }

 private:
  // One look and, if a plan is due, one step. Answers how long to sleep.
  absl::StatusOr<absl::Duration> Round();
  // How long until the next plan is due, at most the longest sleep.
  absl::StatusOr<absl::Duration> Look();
  absl::StatusOr<PlanStep> Step();
  // Lets the others have their turn if one plan is at fault.
  void Postpone(const PlanKey& key);

  const Options options_;
  DueThread thread_;  // the last to come, so the first to go
};

}  // namespace broadcast::sync

#endif  // BROADCASTD_SYNC_PLANNER_H_
