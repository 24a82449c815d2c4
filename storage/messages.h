// The table of messages, as commands and plans use it: what posts have become
// in channels. How deliveries move it is in tracked_messages.h and
// post_messages.h. Errors of the database come as sql_error.h makes them. Used
// within one transaction, by its thread.
//
// A message of a post is inserted as kPending together with the delivery that
// is to post it, and follows that delivery: sent makes it kLive, unknown
// kUnknown, abandoned kLost; failed, expired and cancelled delete it.
#ifndef BROADCASTD_STORAGE_MESSAGES_H_
#define BROADCASTD_STORAGE_MESSAGES_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/feed_records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Nothing if there is none in `scope`.
absl::StatusOr<std::optional<Message>> FindMessage(
    Transaction& transaction, const Scope& scope,
    const std::string& message_id);

// Inserts messages of posts, in one statement, as kPending and by the
// transaction's time; of each message_id, channel_id, client_id, operation_id,
// feed_id, post_id, address and content_id are read. Answers the ids of those
// that were inserted: of the others the post has a present message in that
// channel already, and nothing is to be delivered. For each one inserted a
// delivery with its message_id and post_id follows in the same transaction.
absl::StatusOr<std::set<std::string>> InsertPending(
    Transaction& transaction, const Scope& scope,
    absl::Span<const Message> messages);

// The present messages of posts of the feed in all channels, in the order of
// channel and post.
absl::StatusOr<std::vector<Message>> PresentMessages(
    Transaction& transaction, const Scope& scope, const std::string& feed_id,
    const std::vector<std::string>& post_ids);

// The present messages of posts of the feed in the channel, after
// `after_post_id` (empty: from the first), in the order of their posts' ids, at
// most `limit`; fewer at the end.
absl::StatusOr<std::vector<Message>> ReadPresentMessages(
    Transaction& transaction, const Scope& scope, const std::string& channel_id,
    const std::string& feed_id, const std::string& after_post_id,
    int64_t limit);

// Sets the states of messages in one statement; answers how many are there.
// None becomes present that was not: that might be its post's second one.
struct MessageStateChange {
  std::string message_id;
  MessageState state = MessageState::kLost;
};
absl::StatusOr<int64_t> SetMessageStates(
    Transaction& transaction, const Scope& scope,
    absl::Span<const MessageStateChange> changes);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_MESSAGES_H_
