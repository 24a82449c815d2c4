// What the audit trail says of a call, from what is known of it: a mutation
// that was made is one event, whatever it touched, and so is one that was
// refused for its caller's own mistake. Pure; any thread.
#ifndef BROADCASTD_RPC_AUDIT_H_
#define BROADCASTD_RPC_AUDIT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "rpc/reported_ids.h"
#include "storage/records.h"

namespace broadcast::rpc {

// `event`, completed with what the call `reported`, its last line being about
// all of it: the rows, the ids, and the client if it is one and the caller is
// bound to none. One pair's ids are named singly, as in the log; of several
// pairs the entries' are listed, and the pairs' own where they have no entry;
// several posts of one feed are listed too.
storage::AuditEvent WithReported(storage::AuditEvent event,
                                 absl::Span<const ReportedIds> reported);

// True if `status` refuses what the caller may not, or may not now: a resource
// that is not there, is there already, has changed or is in another state, a
// permission, a quota. Malformed requests are no refusals, nor is what the
// server itself failed at or puts off.
bool IsRefusal(const absl::Status& status);

// `event`, completed with what `status` says of its refusal: the reason and
// the ids. `client_id` is what the request names, of any form, or empty: it
// counts where the caller is not bound to a client.
storage::AuditEvent WithRefusal(storage::AuditEvent event,
                                const absl::Status& status,
                                absl::string_view client_id);

// `text` as the databases take it, cut to limits::kMaxPrincipalLength: without
// what is no UTF-8, and without control characters.
std::string Recordable(absl::string_view text);

// The client that a request names for itself, or "".
template <typename Request>
std::string ClientNamedBy(const Request& request) {
  if constexpr (requires { request.client_id(); }) {
    return request.client_id();
  } else if constexpr (requires { request.client().client_id(); }) {
    return request.client().client_id();
  } else if constexpr (requires { request.feed().client_id(); }) {
    return request.feed().client_id();
  } else {
    return "";
  }
}

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_AUDIT_H_
