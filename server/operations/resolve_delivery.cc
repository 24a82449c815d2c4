#include "operations/resolve_delivery.h"

#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/once.h"
#include "storage/operations.h"
#include "storage/sql_error.h"

namespace broadcast::operations {
namespace {

using storage::DeliveryState;
using storage::Scope;
using storage::Transaction;

absl::StatusOr<ResolvedDelivery> Find(Transaction& transaction,
                                      const Scope& scope,
                                      const std::string& delivery_id) {
  ResolvedDelivery found;
  ASSIGN_OR_RETURN(found.delivery,
                   storage::FindDelivery(transaction, scope, delivery_id));
  if (found.delivery.has_value()) {
    ASSIGN_OR_RETURN(found.operation,
                     storage::FindOperation(transaction, scope,
                                            found.delivery->operation_id));
  }
  return found;
}

absl::StatusOr<ResolvedDelivery> Decide(Transaction& transaction,
                                        const Scope& scope,
                                        const ResolveDeliveryCommand& command) {
  const std::string& id = command.delivery_id;
  ASSIGN_OR_RETURN(const auto delivery,
                   storage::FindDelivery(transaction, scope, id));
  if (!delivery.has_value()) return error::DeliveryNotFound(id);
  if (delivery->state != DeliveryState::kUnknown) {
    return error::DeliveryNotUnknown(id, ToText(delivery->state));
  }
  ASSIGN_OR_RETURN(const bool resolved,
                   storage::ResolveDelivery(
                       transaction, scope, id, command.resolution,
                       command.platform_message_id, command.new_message_id,
                       transaction.now() + limits::kRetryTime));
  // Its own outcome came late, or another caller first.
  if (!resolved) return storage::RunAgain();
  return Find(transaction, scope, id);
}

}  // namespace

absl::StatusOr<ResolvedDelivery> ResolveDelivery(
    Transaction& transaction, const Scope& scope,
    const storage::RequestKey& request, const ResolveDeliveryCommand& command) {
  return storage::Once(
      transaction, request, [&] { return Decide(transaction, scope, command); },
      [&](const ResolvedDelivery&) { return command.delivery_id; },
      [&](const std::string& delivery_id) {
        return Find(transaction, scope, delivery_id);
      });
}

}  // namespace broadcast::operations
