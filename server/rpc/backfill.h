// AdminService.BackfillEntries: many transactions, one after the other, behind
// one call. What it keeps of itself goes with the last of them. Called by gRPC
// on its threads; goes on in callbacks of the database.
#ifndef BROADCASTD_RPC_BACKFILL_H_
#define BROADCASTD_RPC_BACKFILL_H_

#include <grpcpp/grpcpp.h>

#include "absl/status/statusor.h"
#include "broadcast/v1/admin_service.pb.h"
#include "entries/backfill_entries.h"
#include "rpc/admin_methods.h"
#include "rpc/call.h"

namespace broadcast::rpc {

inline constexpr RpcName kBackfillEntries{kAdminService, "BackfillEntries",
                                          "entries.backfilled"};

// Finds and configures pairs, chunk by chunk, until none is left or the
// caller's patience ends. What a chunk did stays, however the call ends; its
// request id is used up by a call that came to its end.
grpc::ServerUnaryReactor* BackfillEntries(
    Calls& calls, const Method& method, grpc::CallbackServerContext* context,
    const v1::BackfillEntriesRequest* request,
    v1::BackfillEntriesResponse* response);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_BACKFILL_H_
