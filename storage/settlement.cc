#include "storage/settlement.h"

#include <algorithm>
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

template <>
struct Columns<EntryCounters> {
  template <typename V>
  static void Visit(V& v, EntryCounters& entry) {
    v(entry.entry_id);
    v(entry.client_id);
    v(entry.state);
    v(entry.state_reason);
    v(entry.last_outcome);
    v(entry.current_operation_id);
    v(entry.broadcast_count);
    v(entry.success_count);
    v(entry.partial_count);
    v(entry.failure_count);
    v(entry.consecutive_failure_count);
    v(entry.last_error);
    v(entry.last_error_time);
    v(entry.revision);
    v(entry.update_time);
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

#define SELECT_ENTRY                                                        \
  "SELECT entry_id, client_id, state, state_reason, last_outcome, "         \
  "current_operation_id, broadcast_count, success_count, partial_count, "   \
  "failure_count, consecutive_failure_count, last_error, last_error_time, " \
  "revision, update_time FROM entries "
const RowsSql kLockEntries({{"entry_id", "uuid"}},
                           SELECT_ENTRY "WHERE entry_id = :entry_id",
                           SELECT_ENTRY
                           "WHERE entry_id = ANY(:entry_id::uuid[]) "
                           "ORDER BY entry_id FOR NO KEY UPDATE");
#undef SELECT_ENTRY

const RowsSql kUpdateOperations({{"operation_id", "uuid"},
                                 {"state", "text"},
                                 {"planned", "bigint"},
                                 {"sent", "bigint"},
                                 {"failed", "bigint"},
                                 {"unknown", "bigint"},
                                 {"expired", "bigint"},
                                 {"cancelled", "bigint"},
                                 {"abandoned", "bigint"},
                                 {"sends", "bigint"},
                                 {"sends_sent", "bigint"},
                                 {"sends_unknown", "bigint"},
                                 {"deadline", "bigint"},
                                 {"last_error", "text"},
                                 {"settled", "bigint"},
                                 {"cancel_time", "bigint"},
                                 {"finish_time", "bigint"}},
                                R"sql(
    UPDATE operations SET state = :state, planned = :planned, sent = :sent,
      failed = :failed, unknown = :unknown, expired = :expired,
      cancelled = :cancelled, abandoned = :abandoned, sends = :sends,
      sends_sent = :sends_sent, sends_unknown = :sends_unknown,
      deadline = :deadline, last_error = :last_error, settled = :settled,
      cancel_time = :cancel_time, finish_time = :finish_time,
      update_time = :now
    WHERE operation_id = :operation_id)sql",
                                R"sql(
    UPDATE operations o SET state = x.state, planned = x.planned,
      sent = x.sent, failed = x.failed, unknown = x.unknown,
      expired = x.expired, cancelled = x.cancelled, abandoned = x.abandoned,
      sends = x.sends, sends_sent = x.sends_sent,
      sends_unknown = x.sends_unknown, deadline = x.deadline,
      last_error = x.last_error, settled = x.settled,
      cancel_time = x.cancel_time, finish_time = x.finish_time,
      update_time = :now
    FROM @rows WHERE o.operation_id = x.operation_id)sql");

const RowsSql kUpdateEntries({{"entry_id", "uuid"},
                              {"state", "text"},
                              {"state_reason", "text"},
                              {"last_outcome", "text"},
                              {"current_operation_id", "uuid"},
                              {"broadcast_count", "bigint"},
                              {"success_count", "bigint"},
                              {"partial_count", "bigint"},
                              {"failure_count", "bigint"},
                              {"consecutive_failure_count", "bigint"},
                              {"last_error", "text"},
                              {"last_error_time", "bigint"},
                              {"revision", "bigint"},
                              {"update_time", "bigint"}},
                             R"sql(
    UPDATE entries SET state = :state, state_reason = :state_reason,
      last_outcome = :last_outcome,
      current_operation_id = :current_operation_id,
      broadcast_count = :broadcast_count, success_count = :success_count,
      partial_count = :partial_count, failure_count = :failure_count,
      consecutive_failure_count = :consecutive_failure_count,
      last_error = :last_error, last_error_time = :last_error_time,
      revision = :revision, update_time = :update_time
    WHERE entry_id = :entry_id)sql",
                             R"sql(
    UPDATE entries e SET state = x.state, state_reason = x.state_reason,
      last_outcome = x.last_outcome,
      current_operation_id = x.current_operation_id,
      broadcast_count = x.broadcast_count, success_count = x.success_count,
      partial_count = x.partial_count, failure_count = x.failure_count,
      consecutive_failure_count = x.consecutive_failure_count,
      last_error = x.last_error, last_error_time = x.last_error_time,
      revision = x.revision, update_time = x.update_time
    FROM @rows WHERE e.entry_id = x.entry_id)sql");

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

void Count(CountedOperation& counted, DeliveryAction action,
           DeliveryState state, int64_t by) {
  CountOf(counted.operation.progress, state) += by;
  if (!Posts(action)) return;
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
  return LockEntries(entry_ids);
}

absl::Status Settlement::LockEntries(const std::set<std::string>& entry_ids) {
  std::vector<ValueRow> rows;
  rows.reserve(entry_ids.size());
  for (const std::string& entry_id : entry_ids) rows.push_back({entry_id});
  return transaction_.QueryRows<EntryCounters>(
      kLockEntries, rows, {}, [&](EntryCounters entry) {
        std::string id = entry.entry_id;
        entries_.emplace(std::move(id), std::move(entry));
        return absl::OkStatus();
      });
}

const Operation* Settlement::Find(const std::string& operation_id) const {
  const auto found = operations_.find(operation_id);
  return found == operations_.end() ? nullptr : &found->second.operation;
}

bool Settlement::IsCancelled(const std::string& operation_id) const {
  const Operation* operation = Find(operation_id);
  return operation != nullptr && operation->cancel_time.has_value();
}

CountedOperation& Settlement::Get(const std::string& operation_id) {
  return operations_[operation_id];
}

void Settlement::End(const std::string& operation_id, DeliveryAction action,
                     DeliveryState to, const std::string& reason) {
  CountedOperation& counted = Get(operation_id);
  Count(counted, action, to, 1);
  if (to != DeliveryState::kSent && !reason.empty()) {
    counted.operation.last_error = reason;
  }
}

void Settlement::Change(const std::string& operation_id, DeliveryAction action,
                        DeliveryState from, DeliveryState to,
                        const std::string& reason) {
  Count(Get(operation_id), action, from, -1);
  End(operation_id, action, to, reason);
}

void Settlement::WaitAgain(const std::string& operation_id,
                           DeliveryAction action, DeliveryState from) {
  Count(Get(operation_id), action, from, -1);
}

void Settlement::Plan(const std::string& operation_id, DeliveryAction action,
                      absl::Time deadline) {
  CountedOperation& counted = Get(operation_id);
  ++counted.operation.progress.planned;
  if (Posts(action)) ++counted.sends;
  Extend(operation_id, deadline);
}

void Settlement::Extend(const std::string& operation_id, absl::Time deadline) {
  CountedOperation& counted = Get(operation_id);
  counted.deadline = std::max(counted.deadline, deadline);
}

void Settlement::MarkCancelled(const std::string& operation_id) {
  std::optional<absl::Time>& time = Get(operation_id).operation.cancel_time;
  if (!time.has_value()) time = transaction_.now();
}

void Settlement::ClearCancelled(const std::string& operation_id) {
  Get(operation_id).operation.cancel_time.reset();
}

absl::Status Settlement::Write() {
  for (auto& [operation_id, counted] : operations_) {
    Operation& operation = counted.operation;
    if (operation.state == OperationState::kPlanning) continue;
    const bool through = operation.progress.waiting() == 0;
    if (through && operation.state != OperationState::kFinished) {
      RETURN_IF_ERROR(Finish(counted));
    } else if (!through) {
      operation.state = OperationState::kRunning;
      operation.finish_time.reset();
    }
  }
  RETURN_IF_ERROR(WriteOperations());
  RETURN_IF_ERROR(WriteEntries());
  return AppendEvents(transaction_, events_);
}

absl::Status Settlement::Finish(CountedOperation& counted) {
  Operation& operation = counted.operation;
  operation.state = OperationState::kFinished;
  operation.finish_time = transaction_.now();
  ++finished_;
  Tell({.client_id = operation.client_id,
        .kind = "operation.finished",
        .operation_id = operation.operation_id,
        .entry_id = operation.entry_id,
        .detail = DetailOf(operation)});
  if (CountsForEntry(counted)) RETURN_IF_ERROR(SettleEntry(counted));
  counted.settled = 1;
  return absl::OkStatus();
}

absl::Status Settlement::SettleEntry(const CountedOperation& counted) {
  const Operation& operation = counted.operation;
  // It was not foreseen to be through, or its entry is gone.
  if (!entries_.contains(*operation.entry_id)) {
    RETURN_IF_ERROR(LockEntries({*operation.entry_id}));
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
  Tell({.client_id = entry.client_id,
        .kind = "entry.disabled",
        .entry_id = entry.entry_id,
        .detail = TextsToJson({{"reason", entry.state_reason},
                               {"last_error", entry.last_error}})});
}

absl::Status Settlement::WriteOperations() {
  std::vector<ValueRow> rows;
  rows.reserve(operations_.size());
  for (const auto& [operation_id, counted] : operations_) {
    const Operation& operation = counted.operation;
    const Progress& progress = operation.progress;
    rows.push_back({operation_id, ToText(operation.state), progress.planned,
                    progress.sent, progress.failed, progress.unknown,
                    progress.expired, progress.cancelled, progress.abandoned,
                    counted.sends, counted.sends_sent, counted.sends_unknown,
                    counted.deadline, operation.last_error, counted.settled,
                    operation.cancel_time, operation.finish_time});
  }
  return transaction_
      .ExecuteRows(kUpdateOperations, rows, {{"now", transaction_.now()}})
      .status();
}

absl::Status Settlement::WriteEntries() {
  std::vector<ValueRow> rows;
  rows.reserve(settled_entries_.size());
  for (const std::string& entry_id : settled_entries_) {
    const EntryCounters& entry = entries_.at(entry_id);
    rows.push_back({entry_id, ToText(entry.state), entry.state_reason,
                    ToText(entry.last_outcome), entry.current_operation_id,
                    entry.broadcast_count, entry.success_count,
                    entry.partial_count, entry.failure_count,
                    entry.consecutive_failure_count, entry.last_error,
                    entry.last_error_time, entry.revision, entry.update_time});
  }
  return transaction_.ExecuteRows(kUpdateEntries, rows).status();
}

}  // namespace broadcast::storage
