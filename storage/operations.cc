#include "storage/operations.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "storage/channel_queue.h"
#include "storage/enqueue.h"
#include "storage/events.h"
#include "storage/operation_columns.h"
#include "storage/settlement.h"

namespace broadcast::storage {
namespace {

const InsertInto kInsert(
    "operations", {{"operation_id", "uuid"},  {"client_id", "uuid"},
                   {"entry_id", "uuid"},      {"feed_id", "uuid"},
                   {"occurrence", "bigint"},  {"kind", "text"},
                   {"state", "text"},         {"reason", "text"},
                   {"planned", "bigint"},     {"sent", "bigint"},
                   {"failed", "bigint"},      {"unknown", "bigint"},
                   {"expired", "bigint"},     {"cancelled", "bigint"},
                   {"abandoned", "bigint"},   {"sends", "bigint"},
                   {"deadline", "bigint"},    {"last_error", "text"},
                   {"settled", "bigint"},     {"create_time", "bigint"},
                   {"update_time", "bigint"}, {"finish_time", "bigint"}});

// The client of an operation may be none, which only the scope of all sees.
constexpr Sql kFind{"SELECT" BROADCASTD_OPERATION_COLUMNS
                    "FROM operations o WHERE o.operation_id = :operation_id "
                    "AND COALESCE(CAST(o.client_id AS TEXT), '') = "
                    "COALESCE(CAST(:scope AS TEXT), "
                    "CAST(o.client_id AS TEXT), '')"};

OperationState StateOf(const Operation& operation,
                       const std::vector<NewDelivery>& deliveries) {
  if (operation.state == OperationState::kPlanning) return operation.state;
  return deliveries.empty() ? OperationState::kFinished
                            : OperationState::kRunning;
}

absl::Status InsertRowsOf(Transaction& transaction,
                          absl::Span<const NewOperation> operations) {
  const absl::Time now = transaction.now();
  std::vector<ValueRow> rows;
  rows.reserve(operations.size());
  for (const auto& [operation, deliveries] : operations) {
    int64_t sends = 0;
    absl::Time deadline = absl::UnixEpoch();
    for (const NewDelivery& delivery : deliveries) {
      if (Posts(delivery.action)) ++sends;
      deadline = std::max(deadline, delivery.deadline);
    }
    const bool through =
        StateOf(operation, deliveries) == OperationState::kFinished;
    std::optional<absl::Time> finish_time;
    if (through) finish_time = now;
    rows.push_back({operation.operation_id,
                    operation.client_id,
                    operation.entry_id,
                    operation.feed_id,
                    operation.occurrence,
                    ToText(operation.kind),
                    ToText(StateOf(operation, deliveries)),
                    operation.reason,
                    deliveries.size(),
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    sends,
                    deadline,
                    "",
                    through ? 1 : 0,
                    now,
                    now,
                    finish_time});
  }
  return transaction.InsertRows(kInsert, rows).status();
}

absl::Status AppendEventsOf(Transaction& transaction,
                            absl::Span<const NewOperation> operations) {
  std::vector<Event> events;
  for (const auto& [operation, deliveries] : operations) {
    Event event;
    event.client_id = operation.client_id;
    event.kind = "operation.created";
    event.operation_id = operation.operation_id;
    event.entry_id = operation.entry_id;
    events.push_back(event);
    if (StateOf(operation, deliveries) != OperationState::kFinished) continue;
    event.kind = "operation.finished";
    events.push_back(std::move(event));
  }
  return AppendEvents(transaction, events);
}

}  // namespace

absl::Status InsertOperations(Transaction& transaction, const Scope& scope,
                              absl::Span<const NewOperation> operations) {
  std::vector<PlannedDelivery> planned;
  for (const auto& [operation, deliveries] : operations) {
    // One of no client is for those who see all.
    RETURN_IF_ERROR(scope.Admit(operation.client_id.value_or("")));
    for (const NewDelivery& delivery : deliveries) {
      RETURN_IF_ERROR(scope.Admit(delivery.client_id));
      planned.push_back({&operation.operation_id, &delivery});
    }
  }
  RETURN_IF_ERROR(InsertRowsOf(transaction, operations));
  RETURN_IF_ERROR(EnqueueDeliveries(transaction, planned));
  return AppendEventsOf(transaction, operations);
}

Operation AsInserted(const NewOperation& made, absl::Time now) {
  Operation operation = made.operation;
  operation.state = StateOf(made.operation, made.deliveries);
  operation.progress = {.planned =
                            static_cast<int64_t>(made.deliveries.size())};
  operation.create_time = now;
  operation.update_time = now;
  if (operation.state == OperationState::kFinished) operation.finish_time = now;
  return operation;
}

absl::StatusOr<std::optional<Operation>> FindOperation(
    Transaction& transaction, const Scope& scope,
    const std::string& operation_id) {
  return transaction.QueryOne<Operation>(
      kFind, {{"operation_id", operation_id}, {"scope", scope.client_id()}});
}

}  // namespace broadcast::storage
