#include "storage/enqueue.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "storage/channel_queue.h"
#include "storage/post_messages.h"

namespace broadcast::storage {
namespace {

const InsertInto kInsertDeliveries("deliveries", {{"delivery_id", "uuid"},
                                                  {"operation_id", "uuid"},
                                                  {"client_id", "uuid"},
                                                  {"channel_id", "uuid"},
                                                  {"entry_id", "uuid"},
                                                  {"side", "text"},
                                                  {"action", "text"},
                                                  {"content_id", "text"},
                                                  {"target_message_id", "uuid"},
                                                  {"message_id", "uuid"},
                                                  {"post_id", "uuid"},
                                                  {"address", "text"},
                                                  {"on_unknown", "text"},
                                                  {"deadline", "bigint"},
                                                  {"create_time", "bigint"}});

}  // namespace

absl::Status EnqueueDeliveries(Transaction& transaction,
                               absl::Span<const PlannedDelivery> planned) {
  std::map<std::string, QueueGrowth> growth;
  for (const auto& [operation_id, delivery] : planned) {
    QueueGrowth& grown = growth[delivery->channel_id];
    if (grown.count++ > 0) continue;
    grown.client_id = delivery->client_id;
    grown.lane_id = delivery->lane_id;
    grown.not_before = delivery->not_before;
  }
  RETURN_IF_ERROR(GrowQueues(transaction, growth));
  const absl::Time now = transaction.now();
  std::vector<ValueRow> rows;
  std::vector<WaitingRow> ready;
  rows.reserve(planned.size());
  ready.reserve(planned.size());
  for (const auto& [operation_id, delivery] : planned) {
    rows.push_back({delivery->delivery_id, *operation_id, delivery->client_id,
                    delivery->channel_id, delivery->entry_id,
                    ToText(delivery->side), ToText(delivery->action),
                    delivery->content_id, delivery->target_message_id,
                    delivery->message_id, delivery->post_id, delivery->address,
                    ToText(delivery->on_unknown), delivery->deadline, now});
    ready.push_back({.delivery_id = delivery->delivery_id,
                     .channel_id = delivery->channel_id,
                     .sequence = --growth[delivery->channel_id].count,
                     .not_before = delivery->not_before});
  }
  RETURN_IF_ERROR(transaction.InsertRows(kInsertDeliveries, rows).status());
  return InsertAtEnd(transaction, ready);
}

absl::StatusOr<std::set<std::string>> Requeue(
    Transaction& transaction, absl::Span<const Requeued> requeued,
    absl::Time deadline) {
  std::set<std::string> channel_ids, delivery_ids;
  for (const Requeued& row : requeued) {
    channel_ids.insert(row.channel_id);
    delivery_ids.insert(row.delivery_id);
  }
  ASSIGN_OR_RETURN(auto queues, LockQueues(transaction, channel_ids));
  ASSIGN_OR_RETURN(auto ended, FindWhereabouts(transaction, delivery_ids));
  ASSIGN_OR_RETURN(const auto refused,
                   ReinstateMessages(transaction, {delivery_ids.begin(),
                                                   delivery_ids.end()}));
  for (const std::string& id : refused) delivery_ids.erase(id);
  std::vector<AttemptRow> attempts;
  std::vector<WaitingRow> ready;
  for (const Requeued& row : requeued) {
    if (!delivery_ids.contains(row.delivery_id)) continue;
    const ResultRow result =
        ended[row.delivery_id].result.value_or(ResultRow());
    ChannelQueue& queue = queues[row.channel_id];
    ++queue.waiting;
    ready.push_back({.delivery_id = row.delivery_id,
                     .channel_id = row.channel_id,
                     .sequence = ++queue.last_sequence,
                     .not_before = transaction.now(),
                     .attempts = result.attempts,
                     .fence = result.fence});
    if (!result.intent_time.has_value()) continue;
    attempts.push_back({.delivery_id = row.delivery_id,
                        .fence = result.fence,
                        .attempt = result.attempts,
                        .intent_time = *result.intent_time,
                        .reason = result.reason,
                        .detail = result.detail,
                        .http_status = result.http_status});
  }
  const std::vector<std::string> ids(delivery_ids.begin(), delivery_ids.end());
  RETURN_IF_ERROR(DeleteResults(transaction, ids));
  RETURN_IF_ERROR(InsertAttempts(transaction, attempts));
  RETURN_IF_ERROR(InsertReady(transaction, ready));
  RETURN_IF_ERROR(ExtendDeadlines(transaction, ids, deadline));
  RETURN_IF_ERROR(StoreQueues(transaction, queues));
  return delivery_ids;
}

}  // namespace broadcast::storage
