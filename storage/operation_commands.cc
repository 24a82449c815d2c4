#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/channel_queue.h"
#include "storage/enqueue.h"
#include "storage/operations.h"
#include "storage/post_messages.h"
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

#define SELECT_WAITING                                             \
  "SELECT r.delivery_id, r.channel_id, r.sequence, r.not_before, " \
  "r.attempts, r.fence, r.maybe_done, "                            \
  "d.operation_id, d.action, d.message_id "                        \
  "FROM deliveries d "                                             \
  "JOIN ready r ON r.delivery_id = d.delivery_id WHERE d.operation_id = "
const RowsSql kFindWaiting({{"operation_id", "uuid"}},
                           SELECT_WAITING ":operation_id",
                           SELECT_WAITING "ANY(:operation_id::uuid[])");
#undef SELECT_WAITING

constexpr Sql kCountSending{R"sql(
    SELECT count(*) FROM deliveries d
    JOIN inflight i ON i.delivery_id = d.delivery_id
    WHERE d.operation_id = :operation_id)sql"};

constexpr Sql kFindFailed{
    "SELECT d.delivery_id, d.channel_id, d.action, CASE WHEN d.action = "
    "'delete' AND (SELECT t.state FROM messages t "
    "WHERE t.message_id = d.target_message_id) = 'undeletable' "
    "THEN 1 ELSE 0 END FROM deliveries d "
    "JOIN results r ON r.delivery_id = d.delivery_id "
    "WHERE d.operation_id = :operation_id AND r.state = 'failed' "
    "AND " BROADCASTD_MAY_BE_REINSTATED " ORDER BY d.delivery_id LIMIT :most"};

// Whoever works on one of the plans is through when this is done.
constexpr Sql kStopPlans{R"sql(
    UPDATE plans SET done = 1 WHERE operation_id = :operation_id)sql"};

// A failed delivery of an operation.
struct Failed {
  Requeued requeued;
  DeliveryAction action = DeliveryAction::kSend;
  bool undeletable = false;
};

// A waiting delivery of an operation.
struct Waiting {
  WaitingRow row;
  std::string operation_id;
  DeliveryAction action = DeliveryAction::kSend;
  std::optional<std::string> message_id;
};

}  // namespace

template <>
struct Columns<Failed> {
  template <typename V>
  static void Visit(V& v, Failed& failed) {
    v(failed.requeued.delivery_id);
    v(failed.requeued.channel_id);
    v(failed.action);
    v(failed.undeletable);
  }
};

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
    v(waiting.row.maybe_done);
    v(waiting.operation_id);
    v(waiting.action);
    v(waiting.message_id);
  }
};

namespace {

void TellEnded(Settlement& settlement, const Waiting& waiting,
               DeliveryState state) {
  const Operation* operation = settlement.Find(waiting.operation_id);
  Event event;
  event.client_id = operation->client_id;
  event.kind = absl::StrCat("delivery.", ToText(state));
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

// Ends what waits of locked operations as `state`, or as unknown if an earlier
// try may have done it. Whatever is under way
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
  PostMessages messages(transaction);
  for (const Waiting& each : waiting) {
    const WaitingRow& row = each.row;
    if (!ended.contains(row.delivery_id)) continue;
    const DeliveryState end =
        row.maybe_done != 0 ? DeliveryState::kUnknown : state;
    --queues[row.channel_id].waiting;
    settlement.End(each.operation_id, each.action, end, reason);
    messages.End(each.message_id, end);
    if (end != DeliveryState::kCancelled) TellEnded(settlement, each, end);
    results.push_back({.delivery_id = row.delivery_id,
                       .state = end,
                       .reason = reason,
                       .fence = row.fence,
                       .attempts = row.attempts});
  }
  RETURN_IF_ERROR(InsertResults(transaction, results));
  RETURN_IF_ERROR(StoreQueues(transaction, queues));
  RETURN_IF_ERROR(messages.Write());
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
  if (seen->state == OperationState::kPlanning) {
    RETURN_IF_ERROR(
        transaction.Execute(kStopPlans, {{"operation_id", operation_id}})
            .status());
  }
  Settlement settlement(transaction, 0);
  RETURN_IF_ERROR(
      settlement.Lock({{operation_id, seen->progress.planned + 1}}));
  const Operation* operation = settlement.Find(operation_id);
  if (operation == nullptr || operation->state == OperationState::kFinished) {
    return answer;
  }
  settlement.MarkCancelled(operation_id);
  if (operation->state == OperationState::kPlanning) {
    settlement.EndPlanning(operation_id);
  }
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
  std::vector<Failed> failed;
  std::vector<Requeued> requeued;
  RETURN_IF_ERROR(transaction.Query<Failed>(
      kFindFailed, {{"operation_id", operation_id}, {"most", most}},
      [&](Failed found) {
        requeued.push_back(found.requeued);
        failed.push_back(std::move(found));
        return absl::OkStatus();
      }));
  if (requeued.empty()) return 0;
  ASSIGN_OR_RETURN(const auto waiting,
                   Requeue(transaction, requeued, deadline));
  if (waiting.empty()) return 0;
  for (const Failed& delivery : failed) {
    if (!waiting.contains(delivery.requeued.delivery_id)) continue;
    settlement.WaitAgain(operation_id, delivery.action, DeliveryState::kFailed);
    if (delivery.undeletable) settlement.AddUndeletable(operation_id, -1);
  }
  settlement.ClearCancelled(operation_id);
  settlement.Extend(operation_id, deadline);
  RETURN_IF_ERROR(settlement.Write());
  return static_cast<int64_t>(waiting.size());
}

}  // namespace broadcast::storage
