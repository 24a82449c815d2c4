// AdminService.ListAuditEvents: what is particular to it, as rpc/call.h wants
// it. Pure but for Load, which runs in a transaction.
#ifndef BROADCASTD_RPC_AUDIT_METHODS_H_
#define BROADCASTD_RPC_AUDIT_METHODS_H_

#include "broadcast/v1/admin_service.pb.h"
#include "rpc/admin_methods.h"
#include "rpc/call.h"
#include "storage/list.h"

namespace broadcast::rpc {

struct ListAuditEventsMethod {
  using Request = v1::ListAuditEventsRequest;
  using Response = v1::ListAuditEventsResponse;
  using Command = storage::ListPlan;
  using Result = storage::Page<storage::AuditEvent>;
  static constexpr RpcName kName{kAdminService, "ListAuditEvents", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kScan;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_AUDIT_METHODS_H_
