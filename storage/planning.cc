// The operations' side of plans.h: how one in state planning grows and ends.
#include <tuple>

#include "base/limits.h"
#include "storage/enqueue.h"
#include "storage/plans.h"
#include "storage/settlement.h"

namespace broadcast::storage {
namespace {

#define SELECT_PLANNING                  \
  "SELECT operation_id FROM operations " \
  "WHERE operation_id = :operation_id AND state = 'planning'"
constexpr Sql kLock{SELECT_PLANNING, SELECT_PLANNING " FOR NO KEY UPDATE"};
#undef SELECT_PLANNING

// Whatever else waits in the channel is looked at, too.
static_assert(limits::kMaxRowsExaminedPerPage == 1000);
constexpr Sql kCountProbes{R"sql(
    SELECT (SELECT count(*) FROM (SELECT 1 FROM ready r
        JOIN deliveries d ON d.delivery_id = r.delivery_id
        WHERE r.channel_id = :channel_id AND d.operation_id = :operation_id
          AND d.action = 'probe'
        ORDER BY r.channel_id, r.sequence LIMIT 1000) w)
      + (SELECT count(*) FROM inflight i
        JOIN deliveries d ON d.delivery_id = i.delivery_id
        WHERE i.channel_id = :channel_id AND d.operation_id = :operation_id
          AND d.action = 'probe'))sql"};

bool IsPlanning(const Settlement& settlement, const std::string& operation_id) {
  const Operation* operation = settlement.Find(operation_id);
  return operation != nullptr && operation->state == OperationState::kPlanning;
}

}  // namespace

absl::StatusOr<bool> LockPlanning(Transaction& transaction,
                                  const std::string& operation_id) {
  ASSIGN_OR_RETURN(const auto locked,
                   transaction.QueryOne<std::tuple<std::string>>(
                       kLock, {{"operation_id", operation_id}}));
  return locked.has_value();
}

absl::Status AddDeliveries(Transaction& transaction, const Scope& scope,
                           const std::string& operation_id,
                           absl::Span<const NewDelivery> deliveries) {
  if (deliveries.empty()) return absl::OkStatus();
  Settlement settlement(transaction, 0);
  RETURN_IF_ERROR(settlement.Lock({{operation_id, 0}}));
  if (!IsPlanning(settlement, operation_id)) {
    return absl::InternalError("deliveries for an operation that is planned");
  }
  std::vector<PlannedDelivery> planned;
  planned.reserve(deliveries.size());
  for (const NewDelivery& delivery : deliveries) {
    RETURN_IF_ERROR(scope.Admit(delivery.client_id));
    settlement.Plan(operation_id, delivery.action, delivery.deadline);
    planned.push_back({&operation_id, &delivery});
  }
  RETURN_IF_ERROR(EnqueueDeliveries(transaction, planned));
  return settlement.Write();
}

absl::StatusOr<int64_t> CountWaitingProbes(Transaction& transaction,
                                           const std::string& operation_id,
                                           const std::string& channel_id) {
  ASSIGN_OR_RETURN(const auto count,
                   transaction.QueryOne<std::tuple<int64_t>>(
                       kCountProbes, {{"channel_id", channel_id},
                                      {"operation_id", operation_id}}));
  return std::get<0>(*count);
}

absl::Status EndPlanning(Transaction& transaction,
                         const std::string& operation_id) {
  Settlement settlement(transaction, 0);
  RETURN_IF_ERROR(settlement.Lock({{operation_id, 0}}));
  if (!IsPlanning(settlement, operation_id)) return absl::OkStatus();
  settlement.EndPlanning(operation_id);
  return settlement.Write();
}

}  // namespace broadcast::storage
