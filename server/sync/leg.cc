#include "sync/leg.h"

#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/status_macros.h"
#include "feeds/expire_posts.h"
#include "storage/plan_reads.h"

namespace broadcast::sync {
namespace {

using storage::MessageState;
using storage::Platform;
using storage::Scope;
using storage::Transaction;

constexpr int64_t kPageRows = limits::kMaxRowsExaminedPerPage;

Presence PresenceOf(MessageState state) {
  switch (state) {
    case MessageState::kPending:
      return Presence::kPending;
    case MessageState::kUnknown:
      return Presence::kUnknown;
    case MessageState::kUndeletable:
      return Presence::kUndeletable;
    case MessageState::kLive:
    case MessageState::kDeleted:
    case MessageState::kTombstoned:
    case MessageState::kLost:
      return Presence::kLive;
  }
  return Presence::kLive;
}

PresentMessage PresentOf(storage::PlacedRow&& row, const std::string& feed_id) {
  return {.place = {feed_id, std::move(row.post_id)},
          .message_id = std::move(row.message_id),
          .content_id = std::move(row.content_id),
          .presence = PresenceOf(row.state),
          .post_time = row.post_time};
}

// Who leaves a channel takes what has moved.
absl::Status ReadLeaving(Transaction& transaction, const Scope& scope,
                         const Leg& leg, const storage::FeedPart& part,
                         FeedPage& page) {
  ASSIGN_OR_RETURN(auto rows,
                   storage::ReadLeaving(transaction, scope, part,
                                        leg.channel.channel_id, leg.moved_to));
  page.messages_end = static_cast<int64_t>(rows.size()) < kPageRows;
  for (storage::LeavingRow& row : rows) {
    const bool goes = leg.moved_to.has_value() ? row.moved : row.post_open;
    page.messages.push_back(PresentOf(std::move(row), part.feed_id));
    page.messages.back().spared = !goes;
  }
  return absl::OkStatus();
}

// The messages of the page that no post of it wants; those behind its posts
// are decided with another page.
std::vector<PresentMessage*> OrphansOf(FeedPage& page) {
  std::vector<PresentMessage*> orphans;
  auto post = page.posts.begin();
  for (PresentMessage& message : page.messages) {
    while (post != page.posts.end() && post->place < message.place) ++post;
    if (post == page.posts.end() && !page.posts_end) break;
    if (post == page.posts.end() || message.place < post->place) {
      orphans.push_back(&message);
    }
  }
  return orphans;
}

absl::Status ReadPlaced(Transaction& transaction, const Scope& scope,
                        const Leg& leg, const storage::FeedPart& part,
                        FeedPage& page) {
  ASSIGN_OR_RETURN(auto rows, storage::ReadPlaced(transaction, scope, part,
                                                  leg.channel.channel_id));
  page.messages_end = static_cast<int64_t>(rows.size()) < kPageRows;
  page.messages.reserve(rows.size());
  for (storage::PlacedRow& row : rows) {
    page.messages.push_back(PresentOf(std::move(row), part.feed_id));
  }
  const std::vector<PresentMessage*> orphans = OrphansOf(page);
  std::vector<std::string> post_ids;
  post_ids.reserve(orphans.size());
  for (const PresentMessage* orphan : orphans) {
    post_ids.push_back(orphan->place.post_id);
  }
  ASSIGN_OR_RETURN(const auto expired,
                   storage::FindExpiredSince(transaction, scope, part.as_of,
                                             feeds::kExpired, post_ids));
  for (PresentMessage* orphan : orphans) {
    orphan->spared = expired.contains(orphan->place.post_id);
  }
  return absl::OkStatus();
}

// A message can be copied by one who is in both places, where messages are
// things that can be found again.
bool CanCopy(const storage::Channel& from, const storage::Channel& to) {
  return from.platform == to.platform && from.account == to.account &&
         (from.platform == Platform::kTelegram ||
          from.platform == Platform::kLog);
}

}  // namespace

Rules RulesOf(storage::PlanMode mode, Platform platform, absl::Time now) {
  return {.posts = mode != storage::PlanMode::kDeleteOnly,
          .deletes = mode != storage::PlanMode::kPostOnly,
          .deletable_since = feeds::DeletableSince(platform, now)};
}

Leg CopyLeg(const storage::Channel& source, const storage::Channel& target,
            const std::optional<std::string>& feed_id, bool source_readable) {
  return {.kind = Leg::Kind::kCopy,
          .channel = target,
          .feed_id = feed_id,
          .rules = {.posts = true, .deletes = false},
          .source_id = source.channel_id,
          .copies = source_readable && CanCopy(source, target)};
}

Leg RetractLeg(const storage::Channel& source,
               const std::optional<std::string>& feed_id, absl::Time now) {
  return {
      .kind = Leg::Kind::kRetract,
      .channel = source,
      .feed_id = feed_id,
      .rules = RulesOf(storage::PlanMode::kDeleteOnly, source.platform, now)};
}

absl::StatusOr<std::optional<Turn>> FindTurn(
    Transaction& transaction, const Scope& scope,
    const feeds::FeedPolicy& policy, const Leg& leg, const std::string& feed_id,
    std::optional<storage::FeedLock> lock) {
  Turn turn{.feed_id = feed_id};
  if (lock.has_value()) {
    ASSIGN_OR_RETURN(turn.feed,
                     storage::LockFeed(transaction, scope, feed_id, *lock));
  } else {
    ASSIGN_OR_RETURN(turn.feed, storage::FindFeed(transaction, scope, feed_id));
  }
  if (turn.feed.has_value() && !feeds::Tracks(*turn.feed, policy)) {
    return std::nullopt;
  }
  if (leg.kind != Leg::Kind::kRetract && turn.feed.has_value()) {
    ASSIGN_OR_RETURN(
        turn.wanted,
        storage::IsFeedChannel(transaction, scope, feed_id, leg.home_id()));
  }
  if (leg.kind == Leg::Kind::kCopy && !turn.wanted) return std::nullopt;
  return turn;
}

absl::StatusOr<std::optional<std::string>> NextFeed(
    Transaction& transaction, const Scope& scope, const Leg& leg,
    const std::string& after_feed_id) {
  if (leg.feed_id.has_value()) {
    return after_feed_id.empty() ? leg.feed_id : std::nullopt;
  }
  ASSIGN_OR_RETURN(const auto feeds,
                   storage::FeedsOfChannel(transaction, scope, leg.home_id(),
                                           after_feed_id, 1));
  if (feeds.empty()) return std::nullopt;
  return feeds[0].feed_id;
}

absl::StatusOr<FeedPage> ReadFeedPage(Transaction& transaction,
                                      const Scope& scope, const Leg& leg,
                                      const Turn& turn,
                                      const std::string& after_post_id,
                                      absl::Time as_of) {
  const storage::FeedPart part{.feed_id = turn.feed_id,
                               .after_post_id = after_post_id,
                               .as_of = as_of,
                               .most = kPageRows};
  FeedPage page;
  if (turn.wanted) {
    std::optional<std::string> originals_in;
    if (leg.copies) originals_in = leg.source_id;
    ASSIGN_OR_RETURN(
        auto rows, storage::ReadWanted(transaction, scope, part, originals_in));
    page.posts_end = static_cast<int64_t>(rows.size()) < kPageRows;
    page.posts.reserve(rows.size());
    for (storage::WantedRow& row : rows) {
      page.posts.push_back({.place = {turn.feed_id, std::move(row.post_id)},
                            .content_id = std::move(row.content_id),
                            .original_id = std::move(row.original_id)});
    }
  }
  // A channel that is still to be made has nothing.
  if (leg.channel.channel_id.empty()) return page;
  RETURN_IF_ERROR(leg.kind == Leg::Kind::kRetract
                      ? ReadLeaving(transaction, scope, leg, part, page)
                      : ReadPlaced(transaction, scope, leg, part, page));
  return page;
}

Counts CountsOf(const Leg& leg, const Decision& decision) {
  Counts counts;
  counts.Add(decision);
  // Whatever stays there is counted where it is taken over.
  if (leg.kind == Leg::Kind::kRetract) {
    counts.tracked = 0;
    counts.kept = 0;
  }
  return counts;
}

}  // namespace broadcast::sync
