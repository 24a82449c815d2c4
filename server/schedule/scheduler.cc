#include "schedule/scheduler.h"

#include <algorithm>
#include <utility>

#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/schedule.h"

namespace broadcast::schedule {

Scheduler::Scheduler(Options options)
    : options_(std::move(options)),
      thread_(
          {.clock = options_.clock,
           .log = options_.log,
           .name = "scheduler",
           .alone = options_.database->backend() == storage::Backend::kSqlite,
           .round = [this] { return Round(); },
           .on_failure = [this] { options_.metrics->failures.Increment(); }}) {}

absl::StatusOr<absl::Duration> Scheduler::Round() {
  ASSIGN_OR_RETURN(Outlook outlook, Look());
  options_.metrics->looks.Increment();
  options_.metrics->paused.Set(outlook.paused ? 1 : 0);
  if (SleepUntil(outlook) > absl::ZeroDuration()) return SleepUntil(outlook);

  ASSIGN_OR_RETURN(const FiredDue fired, Fire());
  Observe(fired, *options_.metrics);
  if (fired.fired > 0) options_.on_fired();
  if (fired.more_due && fired.fired + fired.skipped_count() == 0) {
    return DueThread::kLeaveToOthers;
  }
  return SleepUntil(
      {.paused = fired.paused, .next_due = fired.next_due, .now = fired.now});
}

absl::StatusOr<Scheduler::Outlook> Scheduler::Look() {
  Outlook outlook;
  RETURN_IF_ERROR(options_.database->Read(
      storage::ReadKind::kPoint,
      [&](storage::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(const auto state,
                         storage::FindSchedulerState(transaction));
        outlook.paused = state.pause_time.has_value();
        ASSIGN_OR_RETURN(outlook.next_due, storage::FindNextDue(transaction));
        outlook.now = transaction.now();
        return absl::OkStatus();
      }));
  return outlook;
}

absl::StatusOr<FiredDue> Scheduler::Fire() {
  const auto ids = NewFiringIds(*options_.ids, limits::kFiringsPerStep);
  FiredDue fired;
  RETURN_IF_ERROR(options_.database->Write(
      {.priority = storage::Priority::kBackground},
      [&](storage::Transaction& transaction) -> absl::Status {
        ASSIGN_OR_RETURN(fired, FireDue(transaction, options_.policy, ids));
        return absl::OkStatus();
      }));
  return fired;
}

absl::Duration Scheduler::SleepUntil(const Outlook& outlook) const {
  if (outlook.paused || !outlook.next_due.has_value())
    return thread_.longest_sleep();
  return std::clamp(*outlook.next_due - outlook.now, absl::ZeroDuration(),
                    thread_.longest_sleep());
}

void Observe(const FiredDue& fired, SchedulerMetrics& metrics) {
  metrics.fired.Increment(static_cast<double>(fired.fired));
  metrics.missed.Increment(static_cast<double>(fired.missed));
  for (const auto& [reason, count] : fired.skipped) {
    metrics.Skipped(reason).Increment(static_cast<double>(count));
  }
  for (const absl::Duration late : fired.lateness) {
    metrics.lateness_seconds.Observe(absl::ToDoubleSeconds(late));
  }
}

}  // namespace broadcast::schedule
