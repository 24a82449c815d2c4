#include "sync/sync_timer.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/status_macros.h"
#include "storage/plan_reads.h"
#include "storage/plans.h"
#include "storage/schedule.h"

namespace broadcast::sync {
namespace {

using storage::Scope;
using storage::Transaction;

constexpr absl::Duration kLongestHold = absl::Minutes(1);

// Those that were missed while nobody was there are not made up for.
absl::Time NextAfter(absl::Time due, absl::Duration interval, absl::Time now) {
  return due + interval * ((now - due) / interval + 1);
}

// Leaves out the channels in which another Sync or a migration runs: one that
// lasts must not keep up all the others. No other begins meanwhile.
absl::Status LeaveOutBusy(Transaction& transaction, WholePlan& plan) {
  std::vector<std::string> channel_ids;
  channel_ids.reserve(plan.channels.size());
  for (const PlannedChannel& channel : plan.channels) {
    channel_ids.push_back(channel.channel_id);
  }
  RETURN_IF_ERROR(storage::LockPlanStarts(transaction));
  ASSIGN_OR_RETURN(const auto unfinished,
                   storage::UnfinishedPlans(transaction, channel_ids));
  absl::flat_hash_set<absl::string_view> busy;
  for (const storage::UnfinishedPlan& one : unfinished) {
    busy.insert(one.channel_id);
  }
  std::erase_if(plan.channels, [&](const PlannedChannel& channel) {
    return busy.contains(channel.channel_id);
  });
  return absl::OkStatus();
}

// As StartSync. What is answered has the channels in which it was started.
absl::StatusOr<StartedSync> StartWhereIdle(Transaction& transaction,
                                           const std::string& operation_id,
                                           WholePlan plan) {
  RETURN_IF_ERROR(LeaveOutBusy(transaction, plan));
  return StartSync(transaction, Scope::AllClients(), {},
                   {.operation_id = operation_id}, plan);
}

}  // namespace

SyncTimer::SyncTimer(Options options)
    : options_(std::move(options)),
      // Less than the interval, so that nobody finds it too far away.
      hold_(std::min(kLongestHold, options_.interval / 2)),
      thread_(
          {.clock = options_.clock,
           .log = options_.log,
           .name = "sync_on_schedule",
           .alone = options_.database->backend() == storage::Backend::kSqlite,
           .round = [this] { return Round(); },
           .on_failure = [this] { options_.metrics->failures.Increment(); }}) {}

absl::StatusOr<absl::Duration> SyncTimer::Round() {
  if (!reader_.has_value()) return Look();
  absl::Status done = reader_->done() ? StartTaken() : ReadPart();
  if (done.ok()) return absl::ZeroDuration();
  reader_.reset();  // whoever comes first when it is held no more tries again
  return done;
}

absl::StatusOr<absl::Duration> SyncTimer::Look() {
  std::optional<absl::Time> next;
  absl::Time now;
  RETURN_IF_ERROR(options_.database->Read(
      storage::ReadKind::kPoint, [&](Transaction& transaction) -> absl::Status {
        now = transaction.now();
        ASSIGN_OR_RETURN(next, storage::FindNextSync(transaction));
        return absl::OkStatus();
      }));
  // It is further away if the interval has been longer.
  if (next.has_value() && now < *next && *next <= now + options_.interval) {
    return std::min(*next - now, thread_.longest_sleep());
  }
  return Take(next);
}

absl::StatusOr<absl::Duration> SyncTimer::Take(std::optional<absl::Time> seen) {
  bool due = false;
  bool ours = false;
  absl::Time next;
  RETURN_IF_ERROR(options_.database->Write(
      {.priority = storage::Priority::kBackground},
      [&](Transaction& transaction) -> absl::Status {
        const absl::Time now = transaction.now();
        due = seen.has_value() && *seen <= now;
        next = now + (due ? hold_ : options_.interval);
        ASSIGN_OR_RETURN(ours, storage::MoveNextSync(transaction, seen, next));
        return absl::OkStatus();
      }));
  if (!ours) return DueThread::kLeaveToOthers;
  if (due) {
    taken_ = {.due = *seen, .held_until = next};
    reader_.emplace(Scope::AllClients(), options_.policy, PlanQuestion());
  }
  return absl::ZeroDuration();
}

absl::Status SyncTimer::ReadPart() {
  absl::Time now;
  RETURN_IF_ERROR(options_.database->Read(
      storage::ReadKind::kScan, [&](Transaction& transaction) -> absl::Status {
        now = transaction.now();
        return reader_->Read(transaction);
      }));
  reader_->Keep();
  return taken_.held_until - now < hold_ / 2 ? HoldLonger() : absl::OkStatus();
}

absl::Status SyncTimer::HoldLonger() {
  bool ours = false;
  absl::Time until;
  RETURN_IF_ERROR(options_.database->Write(
      {.priority = storage::Priority::kBackground},
      [&](Transaction& transaction) -> absl::Status {
        until = transaction.now() + hold_;
        ASSIGN_OR_RETURN(
            ours, storage::MoveNextSync(transaction, taken_.held_until, until));
        return absl::OkStatus();
      }));
  taken_.held_until = until;
  if (!ours) reader_.reset();
  return absl::OkStatus();
}

absl::Status SyncTimer::StartTaken() {
  const WholePlan plan = reader_->TakePlan();
  const std::string operation_id = options_.policy.ids->Next();
  bool ours = false;
  std::optional<StartedSync> started;
  RETURN_IF_ERROR(options_.database->Write(
      {.priority = storage::Priority::kBackground},
      [&](Transaction& transaction) -> absl::Status {
        started.reset();
        const absl::Time next =
            NextAfter(taken_.due, options_.interval, transaction.now());
        ASSIGN_OR_RETURN(
            ours, storage::MoveNextSync(transaction, taken_.held_until, next));
        if (!ours || plan.channels.empty()) return absl::OkStatus();
        ASSIGN_OR_RETURN(started,
                         StartWhereIdle(transaction, operation_id, plan));
        return absl::OkStatus();
      }));
  reader_.reset();
  if (ours) Tell(plan, started);
  return absl::OkStatus();
}

void SyncTimer::Tell(const WholePlan& plan,
                     const std::optional<StartedSync>& started) {
  if (plan.channels.empty()) {
    options_.metrics->idle.Increment();
    options_.log->Write(Severity::kDebug, "sync_on_schedule.nothing_to_do", {});
    return;
  }
  const auto channels = static_cast<int64_t>(started->plan.channels.size());
  const int64_t busy = static_cast<int64_t>(plan.channels.size()) - channels;
  if (!started->operation.has_value()) {
    options_.metrics->running.Increment();
    options_.log->Write(Severity::kInfo, "sync_on_schedule.skipped",
                        {{"reason", "SYNC_RUNNING"}, {"channels_busy", busy}});
    return;
  }
  options_.metrics->started.Increment();
  options_.log->Write(Severity::kInfo, "sync_on_schedule.started",
                      {{"operation_id", started->operation->operation_id},
                       {"channels", channels},
                       {"channels_busy", busy}});
  options_.on_started();
}

}  // namespace broadcast::sync
