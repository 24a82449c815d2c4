// Stops what an operation has not sent yet. The transaction's thread.
#ifndef BROADCASTD_OPERATIONS_CANCEL_OPERATION_H_
#define BROADCASTD_OPERATIONS_CANCEL_OPERATION_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/delivery_records.h"
#include "storage/operations.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::operations {

struct CancelledOperation {
  std::optional<storage::Operation> operation;  // unset in a replay: deleted
  storage::Cancelled counts;                    // in a replay: the first time's
  bool replayed = false;
};

// Returns NOT_FOUND OPERATION_NOT_FOUND, FAILED_PRECONDITION
// OPERATION_FINISHED, and what Once returns.
absl::StatusOr<CancelledOperation> CancelOperation(
    storage::Transaction& transaction, const storage::Scope& scope,
    const storage::RequestKey& request, const std::string& operation_id);

}  // namespace broadcast::operations

#endif  // BROADCASTD_OPERATIONS_CANCEL_OPERATION_H_
