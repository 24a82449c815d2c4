// Closes posts whose time is up, and takes their messages back: one bounded
// transaction, which the expirer repeats. Several replicas may do so at once.
// The transaction's thread.
#ifndef BROADCASTD_FEEDS_EXPIRE_POSTS_H_
#define BROADCASTD_FEEDS_EXPIRE_POSTS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "feeds/feed_policy.h"
#include "storage/transaction.h"

namespace broadcast::feeds {

// Why they are closed: Post::close_reason.
inline constexpr char kExpired[] = "expired";

struct ExpiredPosts {
  int64_t posts = 0;
  int64_t operations = 0;  // that were made
};

// The limits::kExpiriesPerStep posts that are overdue the longest: one
// operation a feed.
absl::StatusOr<ExpiredPosts> ExpirePosts(storage::Transaction& transaction,
                                         const FeedPolicy& policy);

}  // namespace broadcast::feeds

#endif  // BROADCASTD_FEEDS_EXPIRE_POSTS_H_
