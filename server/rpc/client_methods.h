// The methods of ClientService: what is particular to each, as rpc/call.h
// wants it. Pure but for Load and Decide, which run in a transaction.
#ifndef BROADCASTD_RPC_CLIENT_METHODS_H_
#define BROADCASTD_RPC_CLIENT_METHODS_H_

#include <string>

#include "broadcast/v1/client_service.pb.h"
#include "clients/create_client.h"
#include "clients/delete_client.h"
#include "clients/update_client.h"
#include "rpc/call.h"
#include "storage/list.h"

namespace broadcast::rpc {

inline constexpr char kClientService[] = "broadcast.v1.ClientService";

// What Create and Update have in common.
struct ChangeClientMethod {
  using Result = clients::ChangedClient;
  static constexpr bool kSingle = false;
  static void Report(const Result&, ReportedIds&);

  template <typename Response>
  static void Answer(const Result& result, const Policy&, Response& response) {
    if (result.client.has_value()) {
      ClientInto(*result.client, *response.mutable_client());
    }
    response.set_replayed(result.replayed);
  }

 private:
  static void ClientInto(const storage::Client&, v1::Client&);
};

struct CreateClientMethod : ChangeClientMethod {
  using Request = v1::CreateClientRequest;
  using Response = v1::CreateClientResponse;
  using Command = storage::Client;
  static constexpr RpcName kName{kClientService, "CreateClient",
                                 "client.created"};

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
};

struct GetClientMethod {
  using Request = v1::GetClientRequest;
  using Response = v1::GetClientResponse;
  using Command = std::string;  // the client's id
  using Result = storage::Client;
  static constexpr RpcName kName{kClientService, "GetClient", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kPoint;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

struct ListClientsMethod {
  using Request = v1::ListClientsRequest;
  using Response = v1::ListClientsResponse;
  using Command = storage::ListPlan;
  using Result = storage::Page<storage::Client>;
  static constexpr RpcName kName{kClientService, "ListClients", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kScan;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

struct UpdateClientMethod : ChangeClientMethod {
  using Request = v1::UpdateClientRequest;
  using Response = v1::UpdateClientResponse;
  using Command = clients::UpdateClientCommand;
  static constexpr RpcName kName{kClientService, "UpdateClient",
                                 "client.updated"};

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
};

struct DeleteClientMethod {
  using Request = v1::DeleteClientRequest;
  using Response = v1::DeleteClientResponse;
  using Command = clients::DeleteClientCommand;
  struct Result {
    std::string client_id;
    clients::DeletedClient deleted;
  };
  static constexpr RpcName kName{kClientService, "DeleteClient",
                                 "client.deleted"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, std::vector<ReportedIds>&);
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CLIENT_METHODS_H_
