// Sets a full sync of a feed in motion without reading before what it will do:
// nobody is there to be shown it. The transaction's thread.
#ifndef BROADCASTD_SYNC_SYNC_WHOLE_FEED_H_
#define BROADCASTD_SYNC_SYNC_WHOLE_FEED_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "feeds/feed_policy.h"
#include "storage/delivery_records.h"
#include "storage/transaction.h"

namespace broadcast::sync {

// The sync of the client's feed of that name in all its channels that can be
// sent to; nothing if there is none of them. The planner does the rest.
// Returns NOT_FOUND FEED_NOT_FOUND; FAILED_PRECONDITION TRACKING_DISABLED; and
// ABORTED SYNC_RUNNING.
absl::StatusOr<std::optional<storage::Operation>> SyncWholeFeed(
    storage::Transaction& transaction, const feeds::FeedPolicy& policy,
    const std::string& client_id, const std::string& feed_name,
    const std::string& operation_id);

}  // namespace broadcast::sync

#endif  // BROADCASTD_SYNC_SYNC_WHOLE_FEED_H_
