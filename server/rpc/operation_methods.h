// The methods of OperationService but WatchOperation: what is particular to
// each, as rpc/call.h wants it. Pure but for Load and Decide, which run in a
// transaction.
#ifndef BROADCASTD_RPC_OPERATION_METHODS_H_
#define BROADCASTD_RPC_OPERATION_METHODS_H_

#include <optional>
#include <string>
#include <vector>

#include "broadcast/v1/operation_service.pb.h"
#include "operations/cancel_operation.h"
#include "operations/resolve_delivery.h"
#include "operations/retry_deliveries.h"
#include "rpc/call.h"
#include "storage/deliveries.h"
#include "storage/list.h"

namespace broadcast::rpc {

inline constexpr char kOperationService[] = "broadcast.v1.OperationService";

struct GetOperationMethod {
  using Request = v1::GetOperationRequest;
  using Response = v1::GetOperationResponse;
  using Command = std::string;
  using Result = storage::Operation;
  static constexpr RpcName kName{kOperationService, "GetOperation", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kPoint;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

struct ListOperationsMethod {
  using Request = v1::ListOperationsRequest;
  using Response = v1::ListOperationsResponse;
  using Command = storage::ListPlan;
  using Result = storage::Page<storage::Operation>;
  static constexpr RpcName kName{kOperationService, "ListOperations", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kScan;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

struct ListDeliveriesMethod {
  using Request = v1::ListDeliveriesRequest;
  using Response = v1::ListDeliveriesResponse;
  struct Command {
    std::string operation_id;
    std::optional<storage::DeliveryState> state;
    std::string after;
    int64_t most = 0;
    bool with_attempts = false;
    std::string token_head;  // of what this page's token begins with
  };
  struct Result {
    storage::DeliveryPage page;
    std::vector<std::vector<storage::DeliveryAttempt>> attempts;
    std::string next_page_token;
  };
  static constexpr RpcName kName{kOperationService, "ListDeliveries", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kScan;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

struct CancelOperationMethod {
  using Request = v1::CancelOperationRequest;
  using Response = v1::CancelOperationResponse;
  using Command = std::string;
  using Result = operations::CancelledOperation;
  static constexpr RpcName kName{kOperationService, "CancelOperation",
                                 "operation.cancelled"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, ReportedIds&);
};

struct RetryDeliveriesMethod {
  using Request = v1::RetryDeliveriesRequest;
  using Response = v1::RetryDeliveriesResponse;
  using Command = std::string;
  using Result = operations::RetriedDeliveries;
  static constexpr RpcName kName{kOperationService, "RetryDeliveries",
                                 "deliveries.retried"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, ReportedIds&);
};

struct ResolveDeliveryMethod {
  using Request = v1::ResolveDeliveryRequest;
  using Response = v1::ResolveDeliveryResponse;
  using Command = operations::ResolveDeliveryCommand;
  using Result = operations::ResolvedDelivery;
  static constexpr RpcName kName{kOperationService, "ResolveDelivery",
                                 "delivery.resolved"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, ReportedIds&);
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_OPERATION_METHODS_H_
