#include "operations/cancel_operation.h"

#include "base/errors.h"
#include "base/status_macros.h"
#include "storage/answer_json.h"
#include "storage/once.h"

namespace broadcast::operations {
namespace {

using storage::Scope;
using storage::Transaction;

constexpr char kCancelled[] = "cancelled";
constexpr char kSending[] = "sending";

absl::StatusOr<CancelledOperation> Decide(Transaction& transaction,
                                          const Scope& scope,
                                          const std::string& operation_id) {
  CancelledOperation done;
  ASSIGN_OR_RETURN(done.operation,
                   storage::FindOperation(transaction, scope, operation_id));
  if (!done.operation.has_value())
    return error::OperationNotFound(operation_id);
  if (done.operation->state == storage::OperationState::kFinished) {
    return error::OperationFinished(operation_id);
  }
  ASSIGN_OR_RETURN(done.counts,
                   storage::CancelOperation(transaction, scope, operation_id));
  ASSIGN_OR_RETURN(done.operation,
                   storage::FindOperation(transaction, scope, operation_id));
  return done;
}

}  // namespace

absl::StatusOr<CancelledOperation> CancelOperation(
    Transaction& transaction, const Scope& scope,
    const storage::RequestKey& request, const std::string& operation_id) {
  return storage::Once(
      transaction, request,
      [&] { return Decide(transaction, scope, operation_id); },
      [](const CancelledOperation& done) {
        return storage::CountsToJson({{kCancelled, done.counts.cancelled},
                                      {kSending, done.counts.sending}});
      },
      [&](const std::string& recorded) -> absl::StatusOr<CancelledOperation> {
        ASSIGN_OR_RETURN(auto counts, storage::CountsFromJson(recorded));
        CancelledOperation done{.counts = {.cancelled = counts[kCancelled],
                                           .sending = counts[kSending]}};
        ASSIGN_OR_RETURN(done.operation, storage::FindOperation(
                                             transaction, scope, operation_id));
        return done;
      });
}

}  // namespace broadcast::operations
