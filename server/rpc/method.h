// What the server knows of one method before any call: its name, its metrics,
// and the scope that the contract demands of its callers. Made once by Calls
// for each handler; constant, so any thread may read it.
#ifndef BROADCASTD_RPC_METHOD_H_
#define BROADCASTD_RPC_METHOD_H_

#include <optional>

#include "auth/permissions.h"
#include "base/metrics.h"

namespace broadcast::rpc {

struct RpcName {
  const char* service;  // "broadcast.v1.BroadcastService"
  const char* method;   // "CreateEntry"
  const char* event;    // "entry.created"; null for what changes nothing
};

// The option (broadcast.v1.required_scope) of the method in the contract.
// Nothing if it has none, or one that names no scope: such a method serves
// nobody, and the server does not start with it.
std::optional<auth::Permission> RequiredScopeOf(const RpcName& name);

struct Method {
  const RpcName& name;
  RpcMetrics metrics;
  std::optional<auth::Permission> required;
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_METHOD_H_
