// The methods of AdminService but BackfillEntries and ListAuditEvents: what is
// particular to each, as rpc/call.h wants it. Pure but for Load, which runs in
// a transaction.
#ifndef BROADCASTD_RPC_ADMIN_METHODS_H_
#define BROADCASTD_RPC_ADMIN_METHODS_H_

#include <string>

#include "absl/time/time.h"
#include "broadcast/v1/admin_service.pb.h"
#include "rpc/call.h"
#include "storage/integrity.h"
#include "storage/schedule.h"

namespace broadcast::rpc {

inline constexpr char kAdminService[] = "broadcast.v1.AdminService";

// Reads what time it is, because that is the database's to say, and whether the
// schedule is paused.
struct GetServerInfoMethod {
  using Request = v1::GetServerInfoRequest;
  using Response = v1::GetServerInfoResponse;
  struct Command {};
  struct Result {
    absl::Time now;
    storage::SchedulerState scheduler;
  };
  static constexpr RpcName kName{kAdminService, "GetServerInfo", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kPoint;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, const storage::Database&,
                     Response&);
};

struct ListAccountsMethod {
  using Request = v1::ListAccountsRequest;
  using Response = v1::ListAccountsResponse;
  static constexpr RpcName kName{kAdminService, "ListAccounts", nullptr};

  static absl::Status Tell(const Request&, const storage::Scope&, const Policy&,
                           Response&);
};

struct CheckIntegrityMethod {
  using Request = v1::CheckIntegrityRequest;
  using Response = v1::CheckIntegrityResponse;
  using Command = std::string;  // a client's id, or empty for all in scope
  using Result = storage::IntegrityCheck;
  static constexpr RpcName kName{kAdminService, "CheckIntegrity", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kScan;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> LoadNext(storage::Transaction&,
                                         const storage::Scope&, const Command&,
                                         const Result&);
  static bool IsComplete(const Result&);
  static void Answer(const Result&, const Policy&, Response&);
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_ADMIN_METHODS_H_
