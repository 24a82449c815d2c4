// BroadcastService.Sync and Migrate: each reads what is to be done, part by
// part, and then decides in one write, which fits no path of Calls. Called by
// gRPC on its threads; goes on in callbacks of the database and the platform.
#ifndef BROADCASTD_RPC_SYNC_METHODS_H_
#define BROADCASTD_RPC_SYNC_METHODS_H_

#include <grpcpp/grpcpp.h>

#include "broadcast/v1/broadcast_service.pb.h"
#include "rpc/call.h"
#include "rpc/entry_methods.h"

namespace broadcast::rpc {

inline constexpr RpcName kSync{kBroadcastService, "Sync", "channels.synced"};
inline constexpr RpcName kMigrate{kBroadcastService, "Migrate",
                                  "channel.migrated"};

grpc::ServerUnaryReactor* Sync(Calls& calls, const Method& method,
                               grpc::CallbackServerContext* context,
                               const v1::SyncRequest* request,
                               v1::SyncResponse* response);

grpc::ServerUnaryReactor* Migrate(Calls& calls, const Method& method,
                                  grpc::CallbackServerContext* context,
                                  const v1::MigrateRequest* request,
                                  v1::MigrateResponse* response);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_SYNC_METHODS_H_
