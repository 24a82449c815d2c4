// Publishes a feed to one more channel, or to one less. What that sends or
// takes back is decided afterwards, by the planner: server/sync. The
// transaction's thread.
#ifndef BROADCASTD_FEEDS_CHANGE_FEED_CHANNELS_H_
#define BROADCASTD_FEEDS_CHANGE_FEED_CHANNELS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "feeds/feed_policy.h"
#include "storage/delivery_records.h"
#include "storage/feed_records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::feeds {

struct AddFeedChannelCommand {
  std::string feed_id;
  std::string channel_id;
  std::optional<bool> fill;  // unset: if the feed remembers its messages
  std::string operation_id;
};

struct AddedFeedChannel {
  // Unset in a replay: removed since.
  std::optional<storage::FeedChannel> feed_channel;
  std::string client_id;  // empty in a replay
  // In state planning. Unset if no post is open, or none is to be sent, or in a
  // replay if it was deleted since.
  std::optional<storage::Operation> operation;
  bool replayed = false;
};

// Returns NOT_FOUND FEED_NOT_FOUND, or CHANNEL_NOT_FOUND also for another
// client's; ALREADY_EXISTS FEED_CHANNEL_EXISTS; RESOURCE_EXHAUSTED
// FEED_CHANNEL_LIMIT; FAILED_PRECONDITION FEED_CLOSED and, to fill,
// TRACKING_DISABLED, CHANNEL_NOT_ACTIVE or ACCOUNT_UNAVAILABLE; ABORTED
// SYNC_RUNNING, likewise; and what Once returns.
absl::StatusOr<AddedFeedChannel> AddFeedChannel(
    storage::Transaction& transaction, const storage::Scope& scope,
    const storage::RequestKey& request, const FeedPolicy& policy,
    const AddFeedChannelCommand& command);

struct RemoveFeedChannelCommand {
  std::string feed_id;
  std::string channel_id;
  bool clear = false;
  bool allow_missing = false;
  std::string operation_id;
};

struct RemovedFeedChannel {
  std::string feed_id;  // as the command names them
  std::string channel_id;
  std::string client_id;  // empty in a replay
  int64_t feed_channel_count = 0;
  // In state planning. Unset unless it is to be cleared, or in a replay if it
  // was deleted since.
  std::optional<storage::Operation> operation;
  bool replayed = false;
};

// Returns NOT_FOUND FEED_NOT_FOUND, or FEED_CHANNEL_NOT_FOUND unless
// `allow_missing`; to clear, FAILED_PRECONDITION TRACKING_DISABLED,
// CHANNEL_NOT_ACTIVE or ACCOUNT_UNAVAILABLE, and ABORTED SYNC_RUNNING; and what
// Once returns.
absl::StatusOr<RemovedFeedChannel> RemoveFeedChannel(
    storage::Transaction& transaction, const storage::Scope& scope,
    const storage::RequestKey& request, const FeedPolicy& policy,
    const RemoveFeedChannelCommand& command);

}  // namespace broadcast::feeds

#endif  // BROADCASTD_FEEDS_CHANGE_FEED_CHANNELS_H_
