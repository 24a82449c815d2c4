// The calls that watch: WatchEvents and WatchOperation. Each is a stream, which
// fits no path of Calls. Called on gRPC's threads.
#ifndef BROADCASTD_RPC_WATCH_METHODS_H_
#define BROADCASTD_RPC_WATCH_METHODS_H_

#include <grpcpp/grpcpp.h>

#include "broadcast/v1/event_service.pb.h"
#include "broadcast/v1/operation_service.pb.h"
#include "rpc/call.h"
#include "rpc/operation_methods.h"

namespace broadcast::rpc {

inline constexpr char kEventService[] = "broadcast.v1.EventService";

inline constexpr RpcName kWatchEvents{kEventService, "WatchEvents", nullptr};
inline constexpr RpcName kWatchOperation{kOperationService, "WatchOperation",
                                         nullptr};

grpc::ServerWriteReactor<v1::WatchEventsResponse>* WatchEvents(
    Calls& calls, const Method& method, grpc::CallbackServerContext* context,
    const v1::WatchEventsRequest& request);

grpc::ServerWriteReactor<v1::WatchOperationResponse>* WatchOperation(
    Calls& calls, const Method& method, grpc::CallbackServerContext* context,
    const v1::WatchOperationRequest& request);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_WATCH_METHODS_H_
