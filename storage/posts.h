// The table of posts. Errors of the database come as sql_error.h makes them.
// Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_POSTS_H_
#define BROADCASTD_STORAGE_POSTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/feed_records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Nothing if there is none in `scope`, or if its feed is deleted.
absl::StatusOr<std::optional<Post>> FindPost(Transaction& transaction,
                                             const Scope& scope,
                                             const std::string& post_id);
absl::StatusOr<std::optional<Post>> FindPostByExternalId(
    Transaction& transaction, const Scope& scope, const std::string& feed_id,
    const std::string& external_id);

// Those that are there, with their contents, in the order of their ids; nobody
// else changes them until the transaction ends (PostgreSQL locks their rows).
absl::StatusOr<std::vector<Post>> FindPosts(
    Transaction& transaction, const Scope& scope, const std::string& feed_id,
    const std::vector<std::string>& external_ids);
absl::StatusOr<std::vector<Post>> LockPosts(
    Transaction& transaction, const Scope& scope,
    const std::vector<std::string>& post_ids);

// Inserts all in one statement, as they are. Asks for another run if a post of
// that feed and external id has been inserted since FindPosts did not find it.
// Contents that are not there are the error of a foreign key (contents.h,
// AgainIfCollected).
absl::Status InsertPosts(Transaction& transaction, const Scope& scope,
                         absl::Span<const Post> posts);

// Writes content, state, close_reason, expire_time, labels, revision,
// update_time and close_time of all in one statement, where the row still has
// the revision before. Answers how many had.
absl::StatusOr<int64_t> UpdatePosts(Transaction& transaction,
                                    const Scope& scope,
                                    absl::Span<const Post> posts);

// Closes those that are open, each by raising its revision. Answers how many.
absl::StatusOr<int64_t> ClosePosts(Transaction& transaction, const Scope& scope,
                                   const std::vector<std::string>& post_ids,
                                   const std::string& reason);

// Their messages stay, as messages without a post. Answers how many went.
absl::StatusOr<int64_t> DeletePosts(Transaction& transaction,
                                    const Scope& scope,
                                    const std::vector<std::string>& post_ids);

// The posts of the feed that are open as of `as_of`, i.e. do not expire by
// then, after `after_post_id` (empty: from the first), in the order of their
// ids, at most `limit`; fewer at the end. None of a deleted feed.
absl::StatusOr<std::vector<OpenPost>> ReadOpenPosts(
    Transaction& transaction, const Scope& scope, const std::string& feed_id,
    const std::string& after_post_id, absl::Time as_of, int64_t limit);

// Open posts whose time is up, the earliest first, at most `most`, locked past
// those that another replica has locked (PostgreSQL). Of those whose client or
// feed is being deleted none.
absl::StatusOr<std::vector<Post>> FindExpiring(Transaction& transaction,
                                               absl::Time now, int64_t most);

// When the next of them is; nothing if none is to expire.
absl::StatusOr<std::optional<absl::Time>> NextExpiry(Transaction& transaction);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_POSTS_H_
