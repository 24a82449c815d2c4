// Whether the account of a channel may do there what is going to be done: asks
// the platform, as CheckChannel does. Called on gRPC's threads and the
// database's.
#ifndef BROADCASTD_RPC_RIGHTS_H_
#define BROADCASTD_RPC_RIGHTS_H_

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rpc/call.h"
#include "storage/queue.h"
#include "storage/records.h"

namespace broadcast::rpc {

struct Rights {
  bool post = false;
  bool edit = false;
  bool remove = false;
};

// Calls `done` once with what the platform says, on any thread or before it
// returns. Errors: FAILED_PRECONDITION ACCOUNT_UNAVAILABLE, RESOURCE_EXHAUSTED
// QUEUE_FULL, UNAVAILABLE PROBE_FAILED. A server that can ask nobody takes
// everything for permitted.
void AskRights(Calls& calls, const storage::Patience& patience,
               const storage::Channel& channel,
               std::function<void(const absl::StatusOr<Probed>&)> done);

// FAILED_PRECONDITION BOT_RIGHTS_MISSING, with those that are missing.
absl::Status CheckRights(const Probed& probed, const std::string& channel_id,
                         const Rights& needed);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_RIGHTS_H_
