// Creates posts of a feed, changes them and opens them again, and sends what
// follows of that to the feed's channels. The transaction's thread.
#ifndef BROADCASTD_FEEDS_UPSERT_POSTS_H_
#define BROADCASTD_FEEDS_UPSERT_POSTS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "feeds/feed_policy.h"
#include "storage/delivery_records.h"
#include "storage/feed_records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::feeds {

// A post as it should be, as a whole.
struct PostSpec {
  std::string field;   // its path in the request: "post", "posts[3]"
  std::string new_id;  // if it is not there yet; later ones sort behind
  std::string external_id;
  storage::StoredContent content;
  std::optional<absl::Time> expire_time;
  std::string labels = "{}";
};

struct UpsertPostsCommand {
  std::string feed_id;
  std::vector<PostSpec> posts;  // each external_id once
  std::string etag;             // of the only post; empty: any, or none yet
  std::string operation_id;
  storage::OperationKind kind = storage::OperationKind::kPost;
};

enum class PostOutcome { kCreated, kUpdated, kUnchanged, kReopened };

struct UpsertedPost {
  storage::Post post;
  PostOutcome outcome = PostOutcome::kUnchanged;
};

struct UpsertedPosts {
  std::string feed_id;
  // In the order of the command. In a replay those that are still there, with
  // the outcome of the first time.
  std::vector<UpsertedPost> posts;
  // Unset if nothing is sent, or in a replay if it was deleted since.
  std::optional<storage::Operation> operation;
  bool replayed = false;
};

// All posts or none. Channels that are not reachable are left out. What posts
// are in is one operation; a post whose content stays, and which was open, has
// no part in it.
// Returns NOT_FOUND FEED_NOT_FOUND, or POST_NOT_FOUND for an etag of a post
// that is not there; INVALID_ARGUMENT INVALID_FIELDS for an expire_time that is
// not in the future, and for more than limits::kMaxBatchMessages messages;
// FAILED_PRECONDITION FEED_CLOSED, or TRACKING_DISABLED if content has to be
// changed; ABORTED ETAG_MISMATCH; and what Once returns.
absl::StatusOr<UpsertedPosts> UpsertPosts(storage::Transaction& transaction,
                                          const storage::Scope& scope,
                                          const storage::RequestKey& request,
                                          const FeedPolicy& policy,
                                          const UpsertPostsCommand& command);

// What UpsertPosts would make of the posts, without an operation; nothing is
// changed. Returns what UpsertPosts returns.
absl::StatusOr<UpsertedPosts> JudgePosts(storage::Transaction& transaction,
                                         const storage::Scope& scope,
                                         const FeedPolicy& policy,
                                         const UpsertPostsCommand& command);

}  // namespace broadcast::feeds

#endif  // BROADCASTD_FEEDS_UPSERT_POSTS_H_
