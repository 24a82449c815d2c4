#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "storage/channel_queue.h"
#include "storage/enqueue.h"
#include "storage/operations.h"
#include "storage/settlement.h"

namespace broadcast::storage {
namespace {

constexpr Sql kFindOverdue{R"sql(
    SELECT operation_id FROM operations
    WHERE state = 'running' AND deadline > 0 AND deadline < :before
      AND EXISTS (SELECT 1 FROM deliveries d
        JOIN ready r ON r.delivery_id = d.delivery_id
        WHERE d.operation_id = operations.operation_id)
    ORDER BY deadline LIMIT :most)sql"};

#define SELECT_WAITING                                               \
  "SELECT r.delivery_id, r.channel_id, r.sequence, r.not_before, "   \
  "r.attempts, r.fence, d.operation_id, d.action FROM deliveries d " \
  "JOIN ready r ON r.delivery_id = d.delivery_id WHERE d.operation_id = "
const RowsSql kFindWaiting({{"operation_id", "uuid"}},
                           SELECT_WAITING ":operation_id",
                           SELECT_WAITING "ANY(:operation_id::uuid[])");
#undef SELECT_WAITING

constexpr Sql kCountSending{R"sql(
    SELECT count(*) FROM deliveries d
    JOIN inflight i ON i.delivery_id = d.delivery_id
    WHERE d.operation_id = :operation_id)sql"};

constexpr Sql kFindFailed{R"sql(
    SELECT d.delivery_id, d.channel_id, d.action FROM deliveries d
    JOIN results r ON r.delivery_id = d.delivery_id
    WHERE d.operation_id = :operation_id AND r.state = 'failed'
    ORDER BY d.delivery_id LIMIT :most)sql"};

// A waiting delivery of an operation.
struct Waiting {
  WaitingRow row;
  std::string operation_id;
  DeliveryAction action = DeliveryAction::kSend;
};

}  // namespace

template <>
struct Columns<Waiting> {
  template <typename V>
  static void Visit(V& v, Waiting& waiting) {
    v(waiting.row.delivery_id);
    v(waiting.row.channel_id);
    v(waiting.row.sequence);
    v(waiting.row.not_before);
    v(waiting.row.attempts);
    v(waiting.row.fence);
    v(waiting.operation_id);
    v(waiting.action);
  }
};

namespace {

void TellExpired(Settlement& settlement, const Waiting& waiting) {
  const Operation* operation = settlement.Find(waiting.operation_id);
  Event event;
  event.client_id = operation->client_id;
  event.kind = "delivery.expired";
  event.operation_id = waiting.operation_id;
  event.entry_id = operation->entry_id;
  event.channel_id = waiting.row.channel_id;
  event.delivery_id = waiting.row.delivery_id;
  settlement.Tell(std::move(event));
}

// What waits of operations.
absl::StatusOr<std::vector<Waiting>> FindWaitingOf(
    Transaction& transaction, const std::vector<std::string>& operation_ids) {
  std::vector<ValueRow> rows;
  rows.reserve(operation_ids.size());
  for (const std::string& id : operation_ids) rows.push_back({id});
  std::vector<Waiting> waiting;
  RETURN_IF_ERROR(transaction.QueryRows<Waiting>(
      kFindWaiting, rows, {}, [&](Waiting found) {
        waiting.push_back(std::move(found));
        return absl::OkStatus();
      }));
  return waiting;
}

// Ends what waits of locked operations as `state`. Whatever is under way
// meanwhile comes to its operation's lock when it ends.
absl::StatusOr<int64_t> EndWaiting(
    Transaction& transaction, Settlement& settlement,
    const std::vector<std::string>& operation_ids, DeliveryState state) {
  ASSIGN_OR_RETURN(const auto waiting,
                   FindWaitingOf(transaction, operation_ids));
  std::vector<WaitingRow> rows;
  std::set<std::string> channel_ids;
  for (const Waiting& each : waiting) {
    rows.push_back(each.row);
    channel_ids.insert(each.row.channel_id);
  }
  ASSIGN_OR_RETURN(auto queues, LockQueues(transaction, channel_ids));
  ASSIGN_OR_RETURN(const auto ended, DeleteReady(transaction, rows, false));
  const std::string reason(ToText(state));
  std::vector<ResultRow> results;
  for (const Waiting& each : waiting) {
    const WaitingRow& row = each.row;
    if (!ended.contains(row.delivery_id)) continue;
    --queues[row.channel_id].waiting;
    settlement.End(each.operation_id, each.action, state, reason);
    if (state == DeliveryState::kExpired) TellExpired(settlement, each);
    results.push_back({.delivery_id = row.delivery_id,
                       .state = state,
                       .reason = reason,
                       .fence = row.fence,
                       .attempts = row.attempts});
  }
  RETURN_IF_ERROR(InsertResults(transaction, results));
  RETURN_IF_ERROR(StoreQueues(transaction, queues));
  return static_cast<int64_t>(results.size());
}

}  // namespace

absl::StatusOr<Cancelled> CancelOperation(Transaction& transaction,
                                          const Scope& scope,
                                          const std::string& operation_id) {
  Cancelled answer;
  ASSIGN_OR_RETURN(const auto seen,
                   FindOperation(transaction, scope, operation_id));
  if (!seen.has_value()) return answer;
  Settlement settlement(transaction, 0);
  RETURN_IF_ERROR(
      settlement.Lock({{operation_id, seen->progress.planned + 1}}));
  const Operation* operation = settlement.Find(operation_id);
  if (operation == nullptr || operation->state == OperationState::kFinished) {
    return answer;
  }
  settlement.MarkCancelled(operation_id);
  ASSIGN_OR_RETURN(answer.cancelled,
                   EndWaiting(transaction, settlement, {operation_id},
                              DeliveryState::kCancelled));
  RETURN_IF_ERROR(settlement.Write());
  ASSIGN_OR_RETURN(const auto sending,
                   transaction.QueryOne<std::tuple<int64_t>>(
                       kCountSending, {{"operation_id", operation_id}}));
  answer.sending = std::get<0>(*sending);
  return answer;
}

absl::StatusOr<int64_t> ExpireOverdue(Transaction& transaction,
                                      absl::Time before, int64_t most,
                                      int64_t disable_threshold) {
  std::map<std::string, int64_t> endings;
  RETURN_IF_ERROR(transaction.Query<std::tuple<std::string>>(
      kFindOverdue, {{"before", before}, {"most", most}},
      [&](std::tuple<std::string> id) {
        endings[std::get<0>(id)] = std::numeric_limits<int64_t>::max();
        return absl::OkStatus();
      }));
  Settlement settlement(transaction, disable_threshold);
  RETURN_IF_ERROR(settlement.Lock(endings));
  std::vector<std::string> running;
  for (const auto& [operation_id, count] : endings) {
    const Operation* operation = settlement.Find(operation_id);
    if (operation != nullptr && operation->state == OperationState::kRunning) {
      running.push_back(operation_id);
    }
  }
  ASSIGN_OR_RETURN(
      const int64_t expired,
      EndWaiting(transaction, settlement, running, DeliveryState::kExpired));
  RETURN_IF_ERROR(settlement.Write());
  return expired;
}

absl::StatusOr<int64_t> RetryFailed(Transaction& transaction,
                                    const Scope& scope,
                                    const std::string& operation_id,
                                    absl::Time deadline, int64_t most) {
  ASSIGN_OR_RETURN(const auto seen,
                   FindOperation(transaction, scope, operation_id));
  if (!seen.has_value()) return 0;
  Settlement settlement(transaction, 0);
  RETURN_IF_ERROR(settlement.Lock({{operation_id, 0}}));
  std::vector<Requeued> requeued;
  using Failed = std::tuple<std::string, std::string, DeliveryAction>;
  RETURN_IF_ERROR(transaction.Query<Failed>(
      kFindFailed, {{"operation_id", operation_id}, {"most", most}},
      [&](const Failed& found) {
        const auto& [delivery_id, channel_id, action] = found;
        settlement.WaitAgain(operation_id, action, DeliveryState::kFailed);
        requeued.push_back(
            {.delivery_id = delivery_id, .channel_id = channel_id});
        return absl::OkStatus();
      }));
  if (requeued.empty()) return 0;
  settlement.ClearCancelled(operation_id);
  settlement.Extend(operation_id, deadline);
  RETURN_IF_ERROR(Requeue(transaction, requeued, deadline));
  RETURN_IF_ERROR(settlement.Write());
  return static_cast<int64_t>(requeued.size());
}

}  // namespace broadcast::storage
