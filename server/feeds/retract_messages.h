// Takes back what posts have become in channels: deletes it, or makes it say
// that it is gone. The transaction's thread.
#ifndef BROADCASTD_FEEDS_RETRACT_MESSAGES_H_
#define BROADCASTD_FEEDS_RETRACT_MESSAGES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "feeds/feed_policy.h"
#include "storage/delivery_records.h"
#include "storage/feed_records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::feeds {

// One operation for the messages of `post_ids` in every reachable channel,
// whether the feed is still published to it or not. Nothing if there is nothing
// to do, or if the feed remembers no messages.
absl::StatusOr<std::optional<storage::Operation>> RetractMessages(
    storage::Transaction& transaction, const storage::Scope& scope,
    const FeedPolicy& policy, const storage::Feed& feed,
    const std::vector<std::string>& post_ids, const std::string& operation_id,
    storage::OperationKind kind = storage::OperationKind::kPost);

}  // namespace broadcast::feeds

#endif  // BROADCASTD_FEEDS_RETRACT_MESSAGES_H_
