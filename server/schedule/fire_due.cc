#include "schedule/fire_due.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "entries/backfill_entries.h"
#include "entries/change_entry.h"
#include "storage/contents.h"
#include "storage/delivery_records.h"
#include "storage/events.h"
#include "storage/operations.h"
#include "storage/schedule.h"

namespace broadcast::schedule {
namespace {

using entries::FiringIds;
using entries::FiringPolicy;
using entries::FiringSide;
using storage::DueEntry;
using storage::Firing;
using storage::Scope;
using storage::Transaction;

// What one transaction does, gathered before it is written.
struct Batch {
  std::vector<Firing> firings;
  std::vector<storage::NewOperation> operations;  // of each firing
  std::vector<Firing> skips;
  std::vector<storage::Event> events;  // of each skip
  std::vector<const storage::StoredContent*> defaults;
  int64_t missed = 0;
};

absl::Time NextAfter(const DueEntry& due, absl::Time now) {
  return entries::NextInPhase(due.next_send_time, due.interval,
                              now + absl::Microseconds(1));
}

// A firing that comes late is sent at once, but for the jitter.
entries::Timing TimingOf(const DueEntry& due, absl::Time now) {
  const bool first = due.occurrence_count == 0;
  const absl::Duration jitter =
      first ? absl::ZeroDuration() : JitterOf(due.entry_id, due.interval);
  return {.not_before = now + jitter,
          .deadline = now + std::min(due.interval, limits::kMaxBroadcastTime)};
}

void Skip(const DueEntry& due, absl::string_view reason, absl::Time now,
          Batch& batch) {
  batch.skips.push_back({.entry_id = due.entry_id,
                         .seen = due.next_send_time,
                         .next = NextAfter(due, now),
                         .skip_reason = std::string(reason)});
  batch.events.push_back(
      {.client_id = due.client_id,
       .kind = "entry.skipped",
       .entry_id = due.entry_id,
       .detail = absl::StrCat(R"({"reason":")", reason, R"("})")});
}

void Fire(const DueEntry& due, const std::vector<FiringSide>& sides,
          const FiringPolicy& policy, const FiringIds& ids, absl::Time now,
          Batch& batch) {
  const int64_t occurrence = due.occurrence_count + 1;
  batch.firings.push_back({.entry_id = due.entry_id,
                           .seen = due.next_send_time,
                           .next = NextAfter(due, now),
                           .operation_id = ids.operation_id,
                           .occurrence = occurrence});
  batch.missed += (now - due.next_send_time) / due.interval;
  storage::NewOperation& made = batch.operations.emplace_back();
  made.operation = {.operation_id = ids.operation_id,
                    .client_id = due.client_id,
                    .entry_id = due.entry_id,
                    .occurrence = occurrence,
                    .kind = storage::OperationKind::kBroadcast,
                    .reason = "schedule"};
  const entries::Timing timing = TimingOf(due, now);
  for (const FiringSide& side : sides) {
    if (side.is_default) {
      batch.defaults.push_back(&entries::DefaultOf(side.side, policy));
    }
    made.deliveries.push_back(
        entries::DeliveryOf(side, policy, ids.DeliveryId(side.side), timing));
  }
}

void Decide(const DueEntry& due, const FiringPolicy& policy,
            const FiringIds& ids, absl::Time now, Batch& batch) {
  if (due.current_operation_id.has_value()) {
    Skip(due, kStillRunning, now, batch);
    return;
  }
  std::vector<FiringSide> sides;
  absl::string_view problem;
  for (const FiringSide& side : entries::SidesOf(due, policy)) {
    const absl::string_view found = entries::ProblemOf(side, policy);
    if (found.empty()) {
      sides.push_back(side);
    } else if (problem.empty()) {
      problem = found;
    }
  }
  if (sides.empty()) {
    Skip(due, problem, now, batch);
  } else {
    Fire(due, sides, policy, ids, now, batch);
  }
}

// Those of `made`, one for each of `firings`, whose entry was advanced.
template <typename T>
std::vector<T> Kept(const std::vector<Firing>& firings, std::vector<T> made,
                    const std::set<std::string>& advanced) {
  if (advanced.size() == firings.size()) return made;
  std::vector<T> kept;
  for (size_t i = 0; i < firings.size(); ++i) {
    if (advanced.contains(firings[i].entry_id)) {
      kept.push_back(std::move(made[i]));
    }
  }
  return kept;
}

// On PostgreSQL the rows of idle entries come first, then the channels'
// queues, then the rows of entries whose broadcast runs: outcomes take those
// two in the same order.
absl::Status Apply(Transaction& transaction, Batch& batch) {
  const Scope scope = Scope::AllClients();
  ASSIGN_OR_RETURN(const auto advanced,
                   storage::AdvanceEntries(transaction, batch.firings));
  batch.operations = Kept(batch.firings, std::move(batch.operations), advanced);
  batch.firings = Kept(batch.firings, batch.firings, advanced);
  RETURN_IF_ERROR(storage::StoreContents(transaction, batch.defaults));
  RETURN_IF_ERROR(storage::AgainIfCollected(
      storage::InsertOperations(transaction, scope, batch.operations)));
  if (batch.skips.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto skipped,
                   storage::AdvanceEntries(transaction, batch.skips));
  batch.events = Kept(batch.skips, std::move(batch.events), skipped);
  batch.skips = Kept(batch.skips, batch.skips, skipped);
  return storage::AppendEvents(transaction, batch.events);
}

void Count(const Batch& batch, FiredDue& fired) {
  fired.fired = static_cast<int64_t>(batch.firings.size());
  fired.missed = batch.missed;
  for (const Firing& skip : batch.skips) ++fired.skipped[skip.skip_reason];
  for (const Firing& firing : batch.firings) {
    fired.lateness.push_back(
        std::max(fired.now - firing.seen, absl::ZeroDuration()));
  }
}

}  // namespace

int64_t FiredDue::skipped_count() const {
  int64_t count = 0;
  for (const auto& [reason, of_reason] : skipped) count += of_reason;
  return count;
}

absl::Duration JitterOf(absl::string_view entry_id, absl::Duration interval) {
  return entries::SpreadOf(entry_id,
                           std::min(interval / 100, limits::kMaxJitter));
}

std::vector<FiringIds> NewFiringIds(IdSource& ids, int64_t most) {
  std::vector<FiringIds> made(static_cast<size_t>(most));
  for (FiringIds& firing : made) {
    firing = {.operation_id = ids.Next(),
              .open_delivery_id = ids.Next(),
              .closed_delivery_id = ids.Next()};
  }
  return made;
}

absl::StatusOr<FiredDue> FireDue(Transaction& transaction,
                                 const FiringPolicy& policy,
                                 absl::Span<const FiringIds> ids) {
  FiredDue fired;
  ASSIGN_OR_RETURN(const auto state, storage::FindSchedulerState(transaction));
  fired.now = transaction.now();
  fired.paused = state.pause_time.has_value();
  if (fired.paused) return fired;
  ASSIGN_OR_RETURN(
      const auto due,
      storage::FindDue(transaction, static_cast<int64_t>(ids.size())));
  Batch batch;
  for (size_t i = 0; i < due.size(); ++i) {
    Decide(due[i], policy, ids[i], fired.now, batch);
  }
  if (!due.empty()) RETURN_IF_ERROR(Apply(transaction, batch));
  Count(batch, fired);
  ASSIGN_OR_RETURN(fired.next_due, storage::FindNextDue(transaction));
  fired.more_due = fired.next_due.has_value() && *fired.next_due <= fired.now;
  return fired;
}

}  // namespace broadcast::schedule
