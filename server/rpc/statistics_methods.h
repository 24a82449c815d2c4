// AdminService.GetStatistics: what is particular to it, as rpc/call.h wants it.
// Pure but for Load, which runs in a transaction.
#ifndef BROADCASTD_RPC_STATISTICS_METHODS_H_
#define BROADCASTD_RPC_STATISTICS_METHODS_H_

#include <string>

#include "absl/time/time.h"
#include "broadcast/v1/admin_service.pb.h"
#include "rpc/admin_methods.h"
#include "rpc/call.h"
#include "storage/statistics.h"

namespace broadcast::rpc {

struct GetStatisticsMethod {
  using Request = v1::GetStatisticsRequest;
  using Response = v1::GetStatisticsResponse;
  using Command = std::string;  // a client's id, or empty for all in scope
  struct Result {
    storage::Statistics statistics;
    absl::Time count_time;
  };
  static constexpr RpcName kName{kAdminService, "GetStatistics", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kScan;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_STATISTICS_METHODS_H_
