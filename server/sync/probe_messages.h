// Asks of the messages of a feed in a channel whether they are still there: the
// deliveries that do so, of an operation in state planning. What they find is
// recorded as any outcome is. The transaction's thread.
//
// A probe sees that a message is there. It does not see what it says, who else
// has changed it, nor what stands in a channel besides.
#ifndef BROADCASTD_SYNC_PROBE_MESSAGES_H_
#define BROADCASTD_SYNC_PROBE_MESSAGES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "storage/scope.h"
#include "storage/transaction.h"
#include "sync/plan_writer.h"

namespace broadcast::sync {

struct ProbedPart {
  int64_t deliveries = 0;
  std::string last_post_id;  // that was looked at; empty: none was
  bool more = false;         // there is more of the feed
};

// Writes at most `most` probes of the turn's messages behind `after_post_id`.
// The leg's platform is one that feeds::CanProbe.
absl::StatusOr<ProbedPart> WriteProbes(storage::Transaction& transaction,
                                       const storage::Scope& scope,
                                       const WritePlan& plan,
                                       const std::string& after_post_id,
                                       int64_t most);

}  // namespace broadcast::sync

#endif  // BROADCASTD_SYNC_PROBE_MESSAGES_H_
