// The call that imports: ImportPosts, a stream of which each message is read
// when the one before is durable. Called on gRPC's threads.
#ifndef BROADCASTD_RPC_IMPORT_STREAM_H_
#define BROADCASTD_RPC_IMPORT_STREAM_H_

#include <grpcpp/grpcpp.h>

#include "broadcast/v1/feed_service.pb.h"
#include "rpc/call.h"
#include "rpc/feed_methods.h"

namespace broadcast::rpc {

inline constexpr RpcName kImportPosts{kFeedService, "ImportPosts",
                                      "posts.imported"};

grpc::ServerBidiReactor<v1::ImportPostsRequest, v1::ImportPostsResponse>*
ImportPosts(Calls& calls, const Method& method,
            grpc::CallbackServerContext* context);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_IMPORT_STREAM_H_
