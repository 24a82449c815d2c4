// The feed that the variables of an older system set up at each start: a
// client with a fixed id, its feed, and the Telegram chats that the feed is
// published to. Nothing is posted by that. The transaction's thread.
#ifndef BROADCASTD_FEEDS_DEFAULT_FEED_H_
#define BROADCASTD_FEEDS_DEFAULT_FEED_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "storage/feed_records.h"
#include "storage/transaction.h"

namespace broadcast::feeds {

// docs/moving.md names both; other programs rely on them.
inline constexpr char kDefaultClientId[] =
    "00000000-0000-4000-8000-000000000001";
inline constexpr char kDefaultFeedName[] = "default";

inline bool IsDefault(const storage::Feed& feed) {
  return feed.client_id == kDefaultClientId && feed.name == kDefaultFeedName;
}

struct DefaultFeedSpec {
  std::string account;             // of channels that are new
  std::vector<std::string> chats;  // Telegram's, normalised, each once
};

// A chat that a migration has left, and what has taken its place.
struct LeftChat {
  std::string address;
  std::string successor;

  bool operator==(const LeftChat&) const = default;
};

struct DefaultFeed {
  storage::Feed feed;
  bool created = false;        // the feed
  int64_t channels_added = 0;  // they stay as they are until somebody syncs
  std::vector<LeftChat> left;
};

// Makes what is missing of it and leaves the rest as it is, so that it does
// nothing the second time; any number of servers may do so at once. Channels
// that the feed has besides stay. A chat that a migration has left is not
// added again, unless the feed is on it: its successor is.
// Returns FAILED_PRECONDITION CLIENT_BEING_DELETED, or FEED_CLOSED if a channel
// is missing; RESOURCE_EXHAUSTED FEED_CHANNEL_LIMIT; and ALREADY_EXISTS
// CHANNEL_TAKEN for another client's chat.
absl::StatusOr<DefaultFeed> SetUpDefaultFeed(storage::Transaction& transaction,
                                             IdSource& ids,
                                             const DefaultFeedSpec& spec);

}  // namespace broadcast::feeds

#endif  // BROADCASTD_FEEDS_DEFAULT_FEED_H_
