#include "feeds/expire_posts.h"

#include <map>
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
  std::vector<std::string> all;
  std::map<std::string, std::vector<std::string>> of_feed;
  for (const storage::Post& post : posts) {
    all.push_back(post.post_id);
    of_feed[post.feed_id].push_back(post.post_id);
  }
  ASSIGN_OR_RETURN(expired.posts,
                   storage::ClosePosts(transaction, scope, all, kExpired));
  for (const auto& [feed_id, post_ids] : of_feed) {
    // Not locked: posts that are taken back go from every channel, whichever
    // are the feed's.
    ASSIGN_OR_RETURN(const auto feed,
                     storage::FindFeed(transaction, scope, feed_id));
    if (!feed.has_value()) return storage::RunAgain();
    ASSIGN_OR_RETURN(const auto operation,
                     RetractMessages(transaction, scope, policy, *feed,
                                     post_ids, policy.ids->Next()));
    if (operation.has_value()) ++expired.operations;
  }
  return expired;
}

}  // namespace broadcast::feeds
