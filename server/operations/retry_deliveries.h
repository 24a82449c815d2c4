// Sends the failed deliveries of an operation again. The transaction's thread.
#ifndef BROADCASTD_OPERATIONS_RETRY_DELIVERIES_H_
#define BROADCASTD_OPERATIONS_RETRY_DELIVERIES_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/delivery_records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::operations {

struct RetriedDeliveries {
  std::optional<storage::Operation> operation;  // unset in a replay: deleted
  int64_t retried = 0;                          // in a replay: the first time's
  bool replayed = false;
};

// At most limits::kMaxRetriedDeliveries of those that failed, and of no other
// state; they are tried for limits::kRetryTime.
// Returns NOT_FOUND OPERATION_NOT_FOUND, and what Once returns.
absl::StatusOr<RetriedDeliveries> RetryDeliveries(
    storage::Transaction& transaction, const storage::Scope& scope,
    const storage::RequestKey& request, const std::string& operation_id);

}  // namespace broadcast::operations

#endif  // BROADCASTD_OPERATIONS_RETRY_DELIVERIES_H_
