#include "sync/planner.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "storage/plans.h"

namespace broadcast::sync {
namespace {

// A plan that fails for a reason of its own is tried again then.
constexpr absl::Duration kFailedPlanPause = absl::Minutes(1);

}  // namespace

Planner::Planner(Options options)
    : options_(std::move(options)),
      thread_(
          {.clock = options_.clock,
           .log = options_.log,
           .name = "planner",
           .alone = options_.database->backend() == storage::Backend::kSqlite,
           .round = [this] { return Round(); }}) {}

absl::StatusOr<absl::Duration> Planner::Round() {
  ASSIGN_OR_RETURN(const absl::Duration until, Look());
  if (until > absl::ZeroDuration()) return until;
  ASSIGN_OR_RETURN(const PlanStep step, Step());
  if (step.deliveries > 0) options_.on_planned();
  return step.key.operation_id.empty() ? DueThread::kLeaveToOthers
                                       : absl::ZeroDuration();
}

absl::StatusOr<PlanStep> Planner::Step() {
  PlanKey key;
  PlanStep step;
  absl::Status status = options_.database->Write(
      {.priority = storage::Priority::kBackground},
      [&](storage::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(step, StepPlan(transaction, options_.policy, key));
        if (!key.operation_id.empty()) {
          PassFailPoint(options_.fail_points, "before_plan_commit");
        }
        return absl::OkStatus();
      });
  if (status.ok()) {
    if (!key.operation_id.empty()) {
      PassFailPoint(options_.fail_points, "after_plan_step");
    }
    return step;
  }
  if (absl::IsInternal(status) && !key.operation_id.empty()) Postpone(key);
  return status;
}

void Planner::Postpone(const PlanKey& key) {
  options_.log->Write(
      Severity::kError, "plan.failed",
      {{"operation_id", key.operation_id}, {"channel_id", key.channel_id}});
  // If that fails too, the back-off of the thread comes in between.
  (void)options_.database->Write({.priority = storage::Priority::kBackground},
                                 [&](storage::Transaction& transaction) {
                                   return PostponePlan(
                                       transaction, key,
                                       transaction.now() + kFailedPlanPause);
                                 });
}

absl::StatusOr<absl::Duration> Planner::Look() {
  absl::Duration until = thread_.longest_sleep();
  RETURN_IF_ERROR(options_.database->Read(
      storage::ReadKind::kPoint,
      [&](storage::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(const auto next, storage::NextPlanTime(transaction));
        if (next.has_value()) {
          until = std::clamp(*next - transaction.now(), absl::ZeroDuration(),
                             thread_.longest_sleep());
        }
        return absl::OkStatus();
      }));
  return until;
}

}  // namespace broadcast::sync
