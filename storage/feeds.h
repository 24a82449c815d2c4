// The table of feeds, and which channels each is posted in. Errors of the
// database come as sql_error.h makes them. Used within one transaction, by its
// thread.
#ifndef BROADCASTD_STORAGE_FEEDS_H_
#define BROADCASTD_STORAGE_FEEDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/feed_records.h"
#include "storage/records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Inserts it with the transaction's time; false if the client has a feed of
// that name. Its client and its tombstone's content are there (else the error
// of a foreign key: see contents.h, AgainIfCollected).
absl::StatusOr<bool> InsertFeed(Transaction& transaction, const Scope& scope,
                                const Feed& feed);

// Nothing if there is none in `scope`, or if it is deleted, here and below.
absl::StatusOr<std::optional<Feed>> FindFeed(Transaction& transaction,
                                             const Scope& scope,
                                             const std::string& feed_id);
absl::StatusOr<std::optional<Feed>> FindFeedByName(Transaction& transaction,
                                                   const Scope& scope,
                                                   const std::string& client_id,
                                                   const std::string& name);

// Likewise, and keeps others from it until the transaction ends (PostgreSQL;
// SQLite has one writer). Who changes posts or their messages shares the feed;
// who changes the feed or its channels has it alone: so no post is written to
// channels that are no longer the feed's. Take it before posts, plans and
// operations.
enum class FeedLock { kShared, kAlone };
absl::StatusOr<std::optional<Feed>> LockFeed(Transaction& transaction,
                                             const Scope& scope,
                                             const std::string& feed_id,
                                             FeedLock lock);

// Writes name, display_name, state, tracking, tombstone_content, labels,
// revision and update_time, if the row still has the revision before. Answers
// whether it had. A name that another feed of the client has is the error of a
// unique index.
absl::StatusOr<bool> UpdateFeed(Transaction& transaction, const Scope& scope,
                                const Feed& feed);

// Hides the feed from every read, frees its name and takes it off its channels;
// PurgeFeeds does the rest. Messages stay. False if there is none in `scope`.
absl::StatusOr<bool> DeleteFeed(Transaction& transaction, const Scope& scope,
                                const std::string& feed_id);

// Deletes up to `most` rows of what feeds that were deleted left: posts, then
// the feeds. Answers how many; fewer than `most`: no more.
absl::StatusOr<int64_t> PurgeFeeds(Transaction& transaction, int64_t most);

// How many open posts it has, counted no further than `most`.
absl::StatusOr<int64_t> CountOpenPosts(Transaction& transaction,
                                       const Scope& scope,
                                       const std::string& feed_id,
                                       int64_t most);

// Puts the feed on channels of its client; answers how many were not there yet.
// Others than its client's are skipped. That there are no more than
// limits::kMaxFeedChannels is the caller's to see, who has the feed alone.
absl::StatusOr<int64_t> AddFeedChannels(
    Transaction& transaction, const Feed& feed,
    const std::vector<std::string>& channel_ids);

// False if it was not on it.
absl::StatusOr<bool> RemoveFeedChannel(Transaction& transaction,
                                       const Scope& scope,
                                       const std::string& feed_id,
                                       const std::string& channel_id);

// Puts the feeds of `from`, or the one given, on `to` instead, where they are
// not yet. Both are channels of one client. Answers how many feeds left `from`.
absl::StatusOr<int64_t> MoveFeedChannels(
    Transaction& transaction, const Scope& scope, const std::string& from,
    const std::string& to, const std::optional<std::string>& feed_id);

// The channels of the feed, whatever their state, in the order of their ids, at
// most twice limits::kMaxFeedChannels: a migration may have it in more for a
// while.
absl::StatusOr<std::vector<Channel>> ReadFeedChannels(
    Transaction& transaction, const Scope& scope, const std::string& feed_id);

// Likewise, with when each was put on it.
absl::StatusOr<std::vector<FeedChannel>> ListFeedChannels(
    Transaction& transaction, const Scope& scope, const std::string& feed_id);

// The feeds on the channel, and those that are on it no more (or are deleted)
// and left present messages there, in the order of their ids, those after
// `after_feed_id` (empty: from the first), at most `most`; fewer at the end.
absl::StatusOr<std::vector<FeedOfChannel>> FeedsOfChannel(
    Transaction& transaction, const Scope& scope, const std::string& channel_id,
    const std::string& after_feed_id, int64_t most);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_FEEDS_H_
