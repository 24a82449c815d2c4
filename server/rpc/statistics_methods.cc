#include "rpc/statistics_methods.h"

#include "base/errors.h"
#include "base/status_macros.h"
#include "content/fields.h"
#include "rpc/convert/time.h"
#include "storage/clients.h"

namespace broadcast::rpc {

using storage::Scope;
using storage::Transaction;

absl::StatusOr<std::string> GetStatisticsMethod::Parse(const Request& request,
                                                       const Scope&) {
  if (request.client_id().empty()) return "";
  Violations violations;
  std::string client_id = Uuid(request.client_id(), "client_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return client_id;
}

absl::StatusOr<GetStatisticsMethod::Result> GetStatisticsMethod::Load(
    Transaction& transaction, const Scope& scope, const Command& client_id) {
  Result result{.count_time = transaction.now()};
  if (client_id.empty()) {
    ASSIGN_OR_RETURN(result.statistics,
                     storage::ReadStatistics(transaction, scope));
    return result;
  }
  ASSIGN_OR_RETURN(const auto client,
                   storage::FindClient(transaction, scope, client_id));
  if (!client.has_value()) return error::ClientNotFound(client_id);
  ASSIGN_OR_RETURN(
      result.statistics,
      storage::ReadStatistics(transaction, Scope::OneClient(client_id)));
  return result;
}

void GetStatisticsMethod::Answer(const Result& result, const Policy&,
                                 Response& response) {
  const storage::Statistics& counted = result.statistics;
  response.set_entry_count(counted.entries);
  response.set_active_entry_count(counted.active_entries);
  response.set_paused_entry_count(counted.paused_entries);
  response.set_disabled_entry_count(counted.disabled_entries);
  response.set_unconfigured_pair_count(counted.pairs_without_entry);
  response.set_broadcast_count(counted.broadcasts);
  response.set_success_count(counted.successes);
  response.set_partial_count(counted.partial);
  response.set_failure_count(counted.failures);
  if (counted.broadcasts > 0) {
    response.set_success_rate(static_cast<double>(counted.successes) /
                              static_cast<double>(counted.broadcasts));
  }
  response.set_manual_trigger_count(counted.manual_triggers);
  response.set_waiting_delivery_count(counted.waiting_deliveries);
  response.set_sending_delivery_count(counted.sending_deliveries);
  response.set_unknown_delivery_count(counted.unknown_deliveries);
  *response.mutable_count_time() = TimeToProto(result.count_time);
}

}  // namespace broadcast::rpc
