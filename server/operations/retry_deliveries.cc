#include "operations/retry_deliveries.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/answer_json.h"
#include "storage/once.h"
#include "storage/operations.h"

namespace broadcast::operations {
namespace {

using storage::Scope;
using storage::Transaction;

constexpr char kRetried[] = "retried";

absl::StatusOr<RetriedDeliveries> Decide(Transaction& transaction,
                                         const Scope& scope,
                                         const std::string& operation_id) {
  RetriedDeliveries done;
  ASSIGN_OR_RETURN(done.operation,
                   storage::FindOperation(transaction, scope, operation_id));
  if (!done.operation.has_value())
    return error::OperationNotFound(operation_id);
  ASSIGN_OR_RETURN(done.retried,
                   storage::RetryFailed(transaction, scope, operation_id,
                                        transaction.now() + limits::kRetryTime,
                                        limits::kMaxRetriedDeliveries));
  ASSIGN_OR_RETURN(done.operation,
                   storage::FindOperation(transaction, scope, operation_id));
  return done;
}

}  // namespace

absl::StatusOr<RetriedDeliveries> RetryDeliveries(
    Transaction& transaction, const Scope& scope,
    const storage::RequestKey& request, const std::string& operation_id) {
  return storage::Once(
      transaction, request,
      [&] { return Decide(transaction, scope, operation_id); },
      [](const RetriedDeliveries& done) {
        return storage::CountsToJson({{kRetried, done.retried}});
      },
      [&](const std::string& recorded) -> absl::StatusOr<RetriedDeliveries> {
        ASSIGN_OR_RETURN(auto counts, storage::CountsFromJson(recorded));
        RetriedDeliveries done{.retried = counts[kRetried]};
        ASSIGN_OR_RETURN(done.operation, storage::FindOperation(
                                             transaction, scope, operation_id));
        return done;
      });
}

}  // namespace broadcast::operations
