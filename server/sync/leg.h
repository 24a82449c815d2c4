// One channel's part of a plan: which feeds it looks at, and what it reads of
// each to decide, a page at a time. What Sync, Migrate and the steps of the
// planner share. Values, and functions of the transaction's thread.
#ifndef BROADCASTD_SYNC_LEG_H_
#define BROADCASTD_SYNC_LEG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "feeds/feed_policy.h"
#include "storage/feed_records.h"
#include "storage/feeds.h"
#include "storage/scope.h"
#include "storage/transaction.h"
#include "sync/plan.h"

namespace broadcast::sync {

struct Leg {
  enum class Kind {
    kAgree,    // the channel is to show what its feeds have open
    kCopy,     // and to take over what another one shows
    kRetract,  // what has been taken over from it goes
  };

  Kind kind = Kind::kAgree;
  storage::Channel channel;            // where it is done; kCopy: id may be ""
  std::optional<std::string> feed_id;  // unset: every feed
  Rules rules;

  std::string source_id;  // kCopy: the channel that is left
  bool copies = false;    // kCopy: what can be is copied, not sent anew

  // kRetract: goes if its post has a live message there; unset: if its post is
  // open, so that it is going to have one.
  std::optional<std::string> moved_to;

  // Whose feeds are looked at.
  const std::string& home_id() const {
    return kind == Kind::kCopy ? source_id : channel.channel_id;
  }
};

Rules RulesOf(storage::PlanMode mode, storage::Platform platform,
              absl::Time now);

// The legs of a migration.
Leg CopyLeg(const storage::Channel& source, const storage::Channel& target,
            const std::optional<std::string>& feed_id, bool source_readable);
Leg RetractLeg(const storage::Channel& source,
               const std::optional<std::string>& feed_id, absl::Time now);

// A feed whose turn it is.
struct Turn {
  std::string feed_id;
  std::optional<storage::Feed> feed;  // unset: it has been deleted
  bool wanted = false;  // the channel is to show what the feed has open
};

// That feed, if it has a place in the leg: nothing of one whose messages are
// not remembered. With `lock` nobody else changes the feed or its posts.
absl::StatusOr<std::optional<Turn>> FindTurn(
    storage::Transaction& transaction, const storage::Scope& scope,
    const feeds::FeedPolicy& policy, const Leg& leg, const std::string& feed_id,
    std::optional<storage::FeedLock> lock);

// The id of the next feed behind `after_feed_id` (empty: the first), whether it
// has a place or not.
absl::StatusOr<std::optional<std::string>> NextFeed(
    storage::Transaction& transaction, const storage::Scope& scope,
    const Leg& leg, const std::string& after_feed_id);

// What of a feed stands behind a post.
struct FeedPage {
  std::vector<WantedPost> posts;
  std::vector<PresentMessage> messages;
  bool posts_end = true;
  bool messages_end = true;

  Page page() const {
    return {.posts = posts,
            .posts_end = posts_end,
            .messages = messages,
            .messages_end = messages_end};
  }
};
absl::StatusOr<FeedPage> ReadFeedPage(storage::Transaction& transaction,
                                      const storage::Scope& scope,
                                      const Leg& leg, const Turn& turn,
                                      const std::string& after_post_id,
                                      absl::Time as_of);

// What a decision adds to the counts of its leg.
Counts CountsOf(const Leg& leg, const Decision& decision);

}  // namespace broadcast::sync

#endif  // BROADCASTD_SYNC_LEG_H_
