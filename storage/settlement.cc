#include "storage/settlement.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/answer_json.h"
#include "storage/events.h"
#include "storage/operation_columns.h"
#include "storage/sql_error.h"

namespace broadcast::storage {

template <>
struct Columns<CountedOperation> {
  template <typename V>
  static void Visit(V& v, CountedOperation& counted) {
    Columns<Operation>::Visit(v, counted.operation);
    v(counted.sends);
    v(counted.sends_sent);
    v(counted.sends_unknown);
    v(counted.deadline);
    v(counted.settled);
  }
};

namespace {

#define SELECT_OPERATION                \
  "SELECT" BROADCASTD_OPERATION_COLUMNS \
  ", o.sends, o.sends_sent, o.sends_unknown, o.deadline, o.settled "
const RowsSql kLockOperations({{"operation_id", "uuid"}},
                              SELECT_OPERATION
                              "FROM operations o "
                              "WHERE o.operation_id = :operation_id",
                              SELECT_OPERATION
                              "FROM operations o WHERE o.operation_id = "
                              "ANY(:operation_id::uuid[]) "
                              "ORDER BY o.operation_id FOR NO KEY UPDATE");
#undef SELECT_OPERATION

// Little is under way, however much there is of an operation.
constexpr Sql kCountSending{R"sql(
    SELECT count(*) FROM inflight i CROSS JOIN deliveries d
    WHERE d.delivery_id = i.delivery_id
      AND d.operation_id = :operation_id)sql"};

const RowsSql kUpdateOperations(
    {{"operation_id", "uuid"},      {"state", "text"},
     {"planned", "bigint"},         {"sent", "bigint"},
     {"failed", "bigint"},          {"unknown", "bigint"},
     {"expired", "bigint"},         {"cancelled", "bigint"},
     {"abandoned", "bigint"},       {"sends", "bigint"},
     {"sends_sent", "bigint"},      {"sends_unknown", "bigint"},
     {"edits_sent", "bigint"},      {"deletes_sent", "bigint"},
     {"tombstones_sent", "bigint"}, {"probes_sent", "bigint"},
     {"undeletable", "bigint"},     {"lost", "bigint"},
     {"deadline", "bigint"},        {"last_error", "text"},
     {"settled", "bigint"},         {"cancel_time", "bigint"},
     {"finish_time", "bigint"}},
    R"sql(
    UPDATE operations SET state = :state, planned = :planned, sent = :sent,
      failed = :failed, unknown = :unknown, expired = :expired,
      cancelled = :cancelled, abandoned = :abandoned, sends = :sends,
      sends_sent = :sends_sent, sends_unknown = :sends_unknown,
      edits_sent = :edits_sent, deletes_sent = :deletes_sent,
      tombstones_sent = :tombstones_sent, probes_sent = :probes_sent,
      undeletable = :undeletable, lost = :lost,
      deadline = :deadline, last_error = :last_error, settled = :settled,
      cancel_time = :cancel_time, finish_time = :finish_time,
      update_time = :now
    WHERE operation_id = :operation_id)sql",
    R"sql(
    UPDATE operations o SET state = x.state, planned = x.planned,
      sent = x.sent, failed = x.failed, unknown = x.unknown,
      expired = x.expired, cancelled = x.cancelled, abandoned = x.abandoned,
      sends = x.sends, sends_sent = x.sends_sent,
      sends_unknown = x.sends_unknown, edits_sent = x.edits_sent,
      deletes_sent = x.deletes_sent, tombstones_sent = x.tombstones_sent,
      probes_sent = x.probes_sent, undeletable = x.undeletable,
      lost = x.lost, deadline = x.deadline,
      last_error = x.last_error, settled = x.settled,
      cancel_time = x.cancel_time, finish_time = x.finish_time,
      update_time = :now
    FROM @rows WHERE o.operation_id = x.operation_id)sql");

// The count that an end adds to.
int64_t& CountOf(Progress& progress, DeliveryState state) {
  switch (state) {
    case DeliveryState::kSent:
      return progress.sent;
    case DeliveryState::kUnknown:
      return progress.unknown;
    case DeliveryState::kExpired:
      return progress.expired;
    case DeliveryState::kCancelled:
      return progress.cancelled;
    case DeliveryState::kAbandoned:
      return progress.abandoned;
    default:
      return progress.failed;
  }
}

// Of an action that posts nothing.
int64_t& CountOf(SentActions& sent, DeliveryAction action) {
  if (action == DeliveryAction::kEdit) return sent.edits;
  if (action == DeliveryAction::kProbe) return sent.probes;
  return action == DeliveryAction::kDelete ? sent.deletes : sent.tombstones;
}

void Count(CountedOperation& counted, DeliveryAction action,
           DeliveryState state, int64_t by) {
  CountOf(counted.operation.progress, state) += by;
  if (!Posts(action)) {
    SentActions& sent = counted.operation.sent_actions;
    if (state == DeliveryState::kSent) CountOf(sent, action) += by;
    return;
  }
  if (state == DeliveryState::kSent) counted.sends_sent += by;
  if (state == DeliveryState::kUnknown) counted.sends_unknown += by;
}

// Whether its entry's counters are moved when it is through.
bool CountsForEntry(const CountedOperation& counted) {
  return counted.settled == 0 && counted.operation.entry_id.has_value() &&
         counted.operation.kind != OperationKind::kTest;
}

std::string DetailOf(const Operation& operation) {
  const Progress& progress = operation.progress;
  return CountsToJson({{"planned", progress.planned},
                       {"sent", progress.sent},
                       {"failed", progress.failed},
                       {"unknown", progress.unknown},
                       {"expired", progress.expired},
                       {"cancelled", progress.cancelled},
                       {"abandoned", progress.abandoned}});
}

}  // namespace

absl::Status Settlement::Lock(const std::map<std::string, int64_t>& endings) {
  std::vector<ValueRow> rows;
  rows.reserve(endings.size());
  for (const auto& [operation_id, count] : endings) {
    rows.push_back({operation_id});
  }
  RETURN_IF_ERROR(transaction_.QueryRows<CountedOperation>(
      kLockOperations, rows, {}, [&](CountedOperation counted) {
        std::string id = counted.operation.operation_id;
        operations_.emplace(std::move(id), std::move(counted));
        return absl::OkStatus();
      }));
  std::set<std::string> entry_ids;
  for (const auto& [operation_id, count] : endings) {
    const auto found = operations_.find(operation_id);
    if (found == operations_.end()) continue;
    const CountedOperation& counted = found->second;
    if (CountsForEntry(counted) &&
        counted.operation.progress.waiting() <= count) {
      entry_ids.insert(*counted.operation.entry_id);
    }
  }
  return LockEntryCounters(transaction_, entry_ids, &entries_);
}

const Operation* Settlement::Find(const std::string& operation_id) const {
  const auto found = operations_.find(operation_id);
  return found == operations_.end() ? nullptr : &found->second.operation;
}

bool Settlement::IsCancelled(const std::string& operation_id) const {
  const Operation* operation = Find(operation_id);
  return operation != nullptr && operation->cancel_time.has_value();
}

absl::StatusOr<bool> Settlement::IsBeingCancelled(
    const std::string& operation_id) {
  if (!IsCancelled(operation_id)) return false;
  ASSIGN_OR_RETURN(const int64_t sending, CountSending(operation_id));
  return Find(operation_id)->progress.waiting() > sending;
}

absl::StatusOr<int64_t> Settlement::CountSending(
    const std::string& operation_id) {
  ASSIGN_OR_RETURN(const auto sending,
                   transaction_.QueryOne<std::tuple<int64_t>>(
                       kCountSending, {{"operation_id", operation_id}}));
  return std::get<0>(*sending);
}

CountedOperation& Settlement::Change(const std::string& operation_id) {
  CountedOperation& counted = operations_[operation_id];
  counted.changed = true;
  return counted;
}

void Settlement::End(const std::string& operation_id, DeliveryAction action,
                     DeliveryState to, const std::string& reason) {
  CountedOperation& counted = Change(operation_id);
  Count(counted, action, to, 1);
  if (to != DeliveryState::kSent && !reason.empty()) {
    counted.operation.last_error = reason;
  }
}

void Settlement::AddUndeletable(const std::string& operation_id, int64_t by) {
  int64_t& count = Change(operation_id).operation.sent_actions.undeletable;
  count = std::max<int64_t>(count + by, 0);
}

void Settlement::AddLost(const std::string& operation_id) {
  ++Change(operation_id).operation.sent_actions.lost;
}

void Settlement::EndOtherwise(const std::string& operation_id,
                              DeliveryAction action, DeliveryState from,
                              DeliveryState to, const std::string& reason) {
  Count(Change(operation_id), action, from, -1);
  End(operation_id, action, to, reason);
}

void Settlement::WaitAgain(const std::string& operation_id,
                           DeliveryAction action, DeliveryState from) {
  Count(Change(operation_id), action, from, -1);
}

void Settlement::Plan(const std::string& operation_id, DeliveryAction action,
                      absl::Time deadline) {
  CountedOperation& counted = Change(operation_id);
  ++counted.operation.progress.planned;
  if (Posts(action)) ++counted.sends;
  Extend(operation_id, deadline);
}

void Settlement::Extend(const std::string& operation_id, absl::Time deadline) {
  CountedOperation& counted = Change(operation_id);
  counted.deadline = std::max(counted.deadline, deadline);
}

void Settlement::EndPlanning(const std::string& operation_id) {
  Change(operation_id).operation.state = OperationState::kRunning;
}

void Settlement::MarkCancelled(const std::string& operation_id) {
  CountedOperation& counted = Change(operation_id);
  Operation& operation = counted.operation;
  if (operation.cancel_time.has_value()) return;
  operation.cancel_time = transaction_.now();
  // What waits of it is overdue before anything else.
  counted.deadline = absl::FromUnixMicros(1);
  Tell("operation.cancelled", operation);
}

void Settlement::ClearCancelled(const std::string& operation_id) {
  Change(operation_id).operation.cancel_time.reset();
}

absl::Status Settlement::Write() {
  for (auto& [operation_id, counted] : operations_) {
    Operation& operation = counted.operation;
    if (!counted.changed || operation.state == OperationState::kPlanning) {
      continue;
    }
    const bool through = operation.progress.waiting() == 0;
    if (through && operation.state != OperationState::kFinished) {
      RETURN_IF_ERROR(Finish(counted));
    } else if (!through) {
      operation.state = OperationState::kRunning;
      operation.finish_time.reset();
      Tell("operation.progressed", operation);
    }
  }
  RETURN_IF_ERROR(WriteOperations());
  RETURN_IF_ERROR(WriteEntries());
  return AppendEvents(transaction_, events_);
}

void Settlement::Tell(const char* kind, const Operation& operation) {
  Event event;
  event.client_id = operation.client_id;
  event.kind = kind;
  event.operation_id = operation.operation_id;
  event.entry_id = operation.entry_id;
  event.detail = DetailOf(operation);
  Tell(std::move(event));
}

absl::Status Settlement::Finish(CountedOperation& counted) {
  Operation& operation = counted.operation;
  operation.state = OperationState::kFinished;
  operation.finish_time = transaction_.now();
  ++finished_;
  Tell("operation.finished", operation);
  if (CountsForEntry(counted)) RETURN_IF_ERROR(SettleEntry(counted));
  counted.settled = 1;
  return absl::OkStatus();
}

absl::Status Settlement::SettleEntry(const CountedOperation& counted) {
  const Operation& operation = counted.operation;
  // It was not foreseen to be through, or its entry is gone.
  if (!entries_.contains(*operation.entry_id)) {
    RETURN_IF_ERROR(
        LockEntryCounters(transaction_, {*operation.entry_id}, &entries_));
  }
  const auto found = entries_.find(*operation.entry_id);
  if (found == entries_.end()) return absl::OkStatus();
  EntryCounters& entry = found->second;
  settled_entries_.insert(entry.entry_id);
  const bool current = entry.current_operation_id == operation.operation_id;
  if (current) entry.current_operation_id.reset();
  Outcome outcome = Outcome::kFailed;
  if (counted.sends > 0 && counted.sends_sent == counted.sends) {
    outcome = Outcome::kSent;
    ++entry.success_count;
    entry.consecutive_failure_count = 0;
  } else if (counted.sends_sent > 0 || counted.sends_unknown > 0) {
    outcome = Outcome::kPartial;
    ++entry.partial_count;
    if (counted.sends_sent > 0) entry.consecutive_failure_count = 0;
  } else if (operation.cancel_time.has_value()) {
    // Nobody's fault: the entry waits for its next turn.
    if (current) entry.last_outcome = Outcome::kPending;
    return absl::OkStatus();
  } else {
    ++entry.failure_count;
    ++entry.consecutive_failure_count;
  }
  ++entry.broadcast_count;
  if (current) entry.last_outcome = outcome;
  if (outcome != Outcome::kSent) {
    entry.last_error = operation.last_error;
    entry.last_error_time = transaction_.now();
  }
  if (outcome == Outcome::kFailed && disable_threshold_ > 0 &&
      entry.consecutive_failure_count >= disable_threshold_ &&
      entry.state == EntryState::kActive) {
    Disable(entry);
  }
  return absl::OkStatus();
}

void Settlement::Disable(EntryCounters& entry) {
  entry.state = EntryState::kDisabled;
  entry.state_reason = absl::StrCat("failed ", entry.consecutive_failure_count,
                                    " times in a row");
  ++entry.revision;
  entry.update_time = transaction_.now();
  disabled_entries_.push_back(entry.entry_id);
  Event event;
  event.client_id = entry.client_id;
  event.kind = "entry.disabled";
  event.entry_id = entry.entry_id;
  event.detail = TextsToJson(
      {{"reason", entry.state_reason}, {"last_error", entry.last_error}});
  Tell(std::move(event));
}

absl::Status Settlement::WriteOperations() {
  std::vector<ValueRow> rows;
  rows.reserve(operations_.size());
  for (const auto& [operation_id, counted] : operations_) {
    if (!counted.changed) continue;
    const Operation& operation = counted.operation;
    const Progress& progress = operation.progress;
    const SentActions& sent = operation.sent_actions;
    rows.push_back({operation_id,         ToText(operation.state),
                    progress.planned,     progress.sent,
                    progress.failed,      progress.unknown,
                    progress.expired,     progress.cancelled,
                    progress.abandoned,   counted.sends,
                    counted.sends_sent,   counted.sends_unknown,
                    sent.edits,           sent.deletes,
                    sent.tombstones,      sent.probes,
                    sent.undeletable,     sent.lost,
                    counted.deadline,     operation.last_error,
                    counted.settled,      operation.cancel_time,
                    operation.finish_time});
  }
  return transaction_
      .ExecuteRows(kUpdateOperations, rows, {{"now", transaction_.now()}})
      .status();
}

absl::Status Settlement::WriteEntries() {
  std::vector<const EntryCounters*> settled;
  settled.reserve(settled_entries_.size());
  for (const std::string& entry_id : settled_entries_) {
    settled.push_back(&entries_.at(entry_id));
  }
  return WriteEntryCounters(transaction_, settled);
}

}  // namespace broadcast::storage
