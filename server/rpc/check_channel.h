// ChannelService.CheckChannel: reads the channel, then asks its platform, which
// fits no path of Calls. Called on gRPC's threads.
#ifndef BROADCASTD_RPC_CHECK_CHANNEL_H_
#define BROADCASTD_RPC_CHECK_CHANNEL_H_

#include <grpcpp/grpcpp.h>

#include "broadcast/v1/channel_service.pb.h"
#include "rpc/call.h"
#include "rpc/channel_methods.h"

namespace broadcast::rpc {

inline constexpr RpcName kCheckChannel{kChannelService, "CheckChannel",
                                       nullptr};

grpc::ServerUnaryReactor* CheckChannel(Calls& calls, const Method& method,
                                       grpc::CallbackServerContext* context,
                                       const v1::CheckChannelRequest* request,
                                       v1::CheckChannelResponse* response);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CHECK_CHANNEL_H_
