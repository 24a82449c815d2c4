// What takes a post to a channel, changes it there, and takes it back: the
// deliveries, as the commands of feeds put them into an operation. Pure but for
// the ids, where no transaction is given; else the transaction's thread.
#ifndef BROADCASTD_FEEDS_POST_DELIVERIES_H_
#define BROADCASTD_FEEDS_POST_DELIVERIES_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "feeds/feed_policy.h"
#include "storage/delivery_records.h"
#include "storage/feed_records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::feeds {

// Until when a delivery of the post is tried, asked for at `now`. What has
// expired is not posted any more.
absl::Time DeadlineOf(const storage::Post& post, absl::Time now);

// Posts to a channel that IsReachable; the platform's answer is forgotten.
storage::NewDelivery SendOf(const storage::Post& post,
                            const storage::Channel& channel,
                            const FeedPolicy& policy, absl::Time now);

// Changes a message in a channel that IsReachable to what the post says.
storage::NewDelivery EditOf(const storage::Post& post,
                            const storage::Message& message,
                            const storage::Channel& channel,
                            const FeedPolicy& policy, absl::Time now);

// Takes a message in a channel that IsReachable back; not for kNone. A
// tombstone says `tombstone_id`.
storage::NewDelivery RetractOf(const storage::Message& message,
                               Retraction retraction,
                               const std::optional<std::string>& tombstone_id,
                               const storage::Channel& channel,
                               const FeedPolicy& policy, absl::Time now);

// Asks whether a message in a channel that IsReachable and CanProbe is still
// there.
storage::NewDelivery ProbeOf(const std::string& message_id,
                             const storage::Channel& channel,
                             const FeedPolicy& policy, absl::Time now);

// The message that a post is to become in a channel, and the delivery that sees
// to it.
storage::Message PendingOf(const storage::Post& post,
                           const storage::Channel& channel,
                           const std::string& operation_id,
                           const FeedPolicy& policy);

// Adds what sends `messages`, as PendingOf made them, to `deliveries`: those of
// whose post a message is present in the channel already are left out.
// `posts` and `channels` are looked up by id.
absl::Status SendPending(
    storage::Transaction& transaction, const storage::Scope& scope,
    const std::vector<storage::Message>& messages,
    const std::map<std::string, const storage::Post*>& posts,
    const std::map<std::string, const storage::Channel*>& channels,
    const FeedPolicy& policy, std::vector<storage::NewDelivery>& deliveries);

// Inserts an operation of that kind with `deliveries`, unless there are none:
// then there is no operation.
absl::StatusOr<std::optional<storage::Operation>> InsertPostOperation(
    storage::Transaction& transaction, const storage::Scope& scope,
    const storage::Feed& feed, const std::string& operation_id,
    std::vector<storage::NewDelivery> deliveries,
    storage::OperationKind kind = storage::OperationKind::kPost);

}  // namespace broadcast::feeds

#endif  // BROADCASTD_FEEDS_POST_DELIVERIES_H_
