// Says what became of a delivery whose fate is unknown, after a person has
// looked. The transaction's thread.
#ifndef BROADCASTD_OPERATIONS_RESOLVE_DELIVERY_H_
#define BROADCASTD_OPERATIONS_RESOLVE_DELIVERY_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/deliveries.h"
#include "storage/delivery_records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::operations {

struct ResolveDeliveryCommand {
  std::string delivery_id;
  storage::Resolution resolution = storage::Resolution::kAbandoned;
  std::optional<std::string> platform_message_id;  // kSent, if it is known
  std::string new_message_id;
};

struct ResolvedDelivery {
  // Both unset in a replay if they were deleted since.
  std::optional<storage::Delivery> delivery;
  std::optional<storage::Operation> operation;
  bool replayed = false;
};

// What was not sent is tried again for limits::kRetryTime.
// Returns NOT_FOUND DELIVERY_NOT_FOUND, FAILED_PRECONDITION
// DELIVERY_NOT_UNKNOWN, and what Once returns.
absl::StatusOr<ResolvedDelivery> ResolveDelivery(
    storage::Transaction& transaction, const storage::Scope& scope,
    const storage::RequestKey& request, const ResolveDeliveryCommand& command);

}  // namespace broadcast::operations

#endif  // BROADCASTD_OPERATIONS_RESOLVE_DELIVERY_H_
