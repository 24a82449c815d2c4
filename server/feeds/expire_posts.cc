#include "feeds/expire_posts.h"

#include <string>
#include <vector>

#include "base/limits.h"
#include "base/status_macros.h"
#include "feeds/retract_messages.h"
#include "storage/feeds.h"
#include "storage/posts.h"
#include "storage/scope.h"
#include "storage/sql_error.h"

namespace broadcast::feeds {

absl::StatusOr<ExpiredPosts> ExpirePosts(storage::Transaction& transaction,
                                         const FeedPolicy& policy) {
  const storage::Scope scope = storage::Scope::AllClients();
  ASSIGN_OR_RETURN(const auto posts,
                   storage::FindExpiring(transaction, transaction.now(),
                                         limits::kExpiriesPerStep));
  ExpiredPosts expired;
  if (posts.empty()) return expired;
  // Those of one feed: the queues of its channels are taken in their order, as
  // whoever sends takes them.
  const std::string& feed_id = posts[0].feed_id;
  std::vector<std::string> post_ids;
  for (const storage::Post& post : posts) {
    if (post.feed_id == feed_id) post_ids.push_back(post.post_id);
  }
  ASSIGN_OR_RETURN(expired.posts,
                   storage::ClosePosts(transaction, scope, post_ids, kExpired));
  // Not locked: posts that are taken back go from every channel, whichever are
  // the feed's.
  ASSIGN_OR_RETURN(const auto feed,
                   storage::FindFeed(transaction, scope, feed_id));
  if (!feed.has_value()) return storage::RunAgain();
  ASSIGN_OR_RETURN(const auto operation,
                   RetractMessages(transaction, scope, policy, *feed, post_ids,
                                   policy.ids->Next()));
  if (operation.has_value()) ++expired.operations;
  return expired;
}

}  // namespace broadcast::feeds
