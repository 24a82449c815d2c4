#include "storage/channel_removal.h"

#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "storage/channel_queue.h"
#include "storage/delivery_records.h"
#include "storage/plans.h"
#include "storage/settlement.h"
#include "storage/sql_error.h"

namespace broadcast::storage {
namespace {

struct Unfinished {
  std::string operation_id;
  DeliveryAction action = DeliveryAction::kSend;
};

constexpr Sql kFindUnfinished{R"sql(
    SELECT d.operation_id, d.action FROM ready w
    JOIN deliveries d ON d.delivery_id = w.delivery_id
    WHERE w.channel_id = :channel_id
    UNION ALL
    SELECT d.operation_id, d.action FROM inflight i
    JOIN deliveries d ON d.delivery_id = i.delivery_id
    WHERE i.channel_id = :channel_id)sql"};

// Plans go before their channel, so that their operations do not wait for them.
const RowsSql kDropPlans({{"channel_id", "uuid"}},
                         "DELETE FROM plans WHERE channel_id = :channel_id "
                         "OR target_channel_id = :channel_id "
                         "RETURNING operation_id",
                         "DELETE FROM plans "
                         "WHERE channel_id = ANY(:channel_id::uuid[]) "
                         "OR target_channel_id = ANY(:channel_id::uuid[]) "
                         "RETURNING operation_id");

}  // namespace

template <>
struct Columns<Unfinished> {
  template <typename V>
  static void Visit(V& v, Unfinished& delivery) {
    v(delivery.operation_id);
    v(delivery.action);
  }
};

namespace {

absl::StatusOr<std::vector<Unfinished>> FindUnfinished(
    Transaction& transaction, const std::set<std::string>& channel_ids) {
  std::vector<Unfinished> unfinished;
  for (const std::string& channel_id : channel_ids) {
    RETURN_IF_ERROR(transaction.Query<Unfinished>(
        kFindUnfinished, {{"channel_id", channel_id}}, [&](Unfinished found) {
          unfinished.push_back(std::move(found));
          return absl::OkStatus();
        }));
  }
  return unfinished;
}

// Answers whose they were.
absl::StatusOr<std::set<std::string>> DropPlans(
    Transaction& transaction, const std::set<std::string>& channel_ids) {
  std::vector<ValueRow> rows;
  rows.reserve(channel_ids.size());
  for (const std::string& id : channel_ids) rows.push_back({id});
  std::set<std::string> operation_ids;
  RETURN_IF_ERROR(transaction.QueryRows<std::tuple<std::string>>(
      kDropPlans, rows, {}, [&](std::tuple<std::string> id) {
        operation_ids.insert(std::get<0>(std::move(id)));
        return absl::OkStatus();
      }));
  return operation_ids;
}

}  // namespace

absl::Status EndDeliveriesTo(Transaction& transaction,
                             const std::set<std::string>& channel_ids) {
  ASSIGN_OR_RETURN(const auto seen, FindUnfinished(transaction, channel_ids));
  ASSIGN_OR_RETURN(const auto planning, DropPlans(transaction, channel_ids));
  std::map<std::string, int64_t> endings;
  for (const std::string& id : planning) endings[id];
  for (const Unfinished& delivery : seen) ++endings[delivery.operation_id];
  Settlement settlement(transaction, 0);
  RETURN_IF_ERROR(settlement.Lock(endings));
  // Nothing comes or ends from here on: whoever changes a queue holds it.
  RETURN_IF_ERROR(LockQueues(transaction, channel_ids).status());
  ASSIGN_OR_RETURN(const auto held, FindUnfinished(transaction, channel_ids));
  for (const Unfinished& delivery : held) {
    if (settlement.Find(delivery.operation_id) == nullptr) return RunAgain();
    settlement.End(delivery.operation_id, delivery.action,
                   DeliveryState::kCancelled, "channel_deleted");
  }
  for (const std::string& operation_id : planning) {
    const Operation* operation = settlement.Find(operation_id);
    if (operation == nullptr || operation->state != OperationState::kPlanning) {
      continue;
    }
    ASSIGN_OR_RETURN(const int64_t waiting,
                     CountWaitingPlans(transaction, operation_id));
    if (waiting == 0) settlement.EndPlanning(operation_id);
  }
  return settlement.Write();
}

}  // namespace broadcast::storage
