// The one place where an absl::Status becomes what a gRPC client sees: code,
// message of at most 1024 bytes, and google.rpc details under 6 KiB, because
// metadata over 8 KiB would turn the error into another. Pure; any thread.
#ifndef BROADCASTD_RPC_STATUS_H_
#define BROADCASTD_RPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace broadcast::rpc {

inline constexpr char kErrorDomain[] = "broadcastd";

// A status that error_detail.h did not make is told as INTERNAL, without its
// message: it may hold anything.
grpc::Status ToGrpcStatus(const absl::Status& status);

// True if the caller's library must not repeat the call by itself: it would
// come back long before that helps.
bool ForbidsRetry(const absl::Status& status);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_STATUS_H_
