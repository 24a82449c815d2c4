// Who asks for a mutation, and how: what is read off any request, whatever its
// method. Values and pure functions; any thread.
#ifndef BROADCASTD_RPC_CALLER_H_
#define BROADCASTD_RPC_CALLER_H_

#include <string>

#include "rpc/method.h"
#include "rpc/request_hash.h"
#include "storage/records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"

namespace broadcast::rpc {

// Who asks, as the layers below see it.
struct Caller {
  storage::Scope scope;
  storage::RequestKey request;
  bool validate_only = false;  // nothing of the decision will be kept
  storage::AuditEvent audit;   // what of it is known beforehand
};

// The request id of a mutation; "" for one that has none, because it is safe to
// repeat.
template <typename Request>
std::string RequestIdOf(const Request& request) {
  if constexpr (requires { request.request_id(); }) {
    return request.request_id();
  } else {
    return "";
  }
}

// What stands for `request`, made by `scope`, among the request ids. Empty if
// the caller gave none.
template <typename Request>
storage::RequestKey RequestKeyOf(const Request& request,
                                 const storage::Scope& scope,
                                 const RpcName& name) {
  if constexpr (requires { request.request_id(); }) {
    if (request.request_id().empty()) return {};
    return {.scope = scope.Key(),
            .method = name.method,
            .request_id = request.request_id(),
            .payload_hash = HashWithoutRequestId(request)};
  } else {
    return {};
  }
}

// True for a request that asks only what a mutation would do.
template <typename Request>
bool IsValidateOnly(const Request& request) {
  if constexpr (requires { request.validate_only(); }) {
    return request.validate_only();
  } else {
    return false;
  }
}

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CALLER_H_
