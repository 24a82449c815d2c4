// What plans are made of: what a channel ought to show and what it shows, both
// in the order of the posts' ids, and which channels and feeds there are to
// look at. Errors of the database come as sql_error.h makes them. Used within
// one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_PLAN_READS_H_
#define BROADCASTD_STORAGE_PLAN_READS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "storage/feed_records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// A part of a feed in the order of its posts' ids: after `after_post_id`
// (empty: from the first), at most `most` rows; fewer at the end.
struct FeedPart {
  std::string feed_id;
  std::string after_post_id;
  absl::Time as_of;  // what expires by then is not open
  int64_t most = 0;
};

// An open post.
struct WantedRow {
  std::string post_id;
  std::string content_id;
  // The message in the channel asked for that is there and says the same.
  std::optional<std::string> original_id;
};
absl::StatusOr<std::vector<WantedRow>> ReadWanted(
    Transaction& transaction, const Scope& scope, const FeedPart& part,
    const std::optional<std::string>& originals_in);

// A present message of a post of the feed in a channel.
struct PlacedRow {
  std::string post_id;
  std::string message_id;
  std::string content_id;
  MessageState state = MessageState::kLive;
  absl::Time post_time;
};
absl::StatusOr<std::vector<PlacedRow>> ReadPlaced(
    Transaction& transaction, const Scope& scope, const FeedPart& part,
    const std::string& channel_id);

// The same of a channel that is left, and whether it may go from there.
struct LeavingRow : PlacedRow {
  bool post_open = false;  // its post
  bool moved = false;  // its post has a live message in the channel asked for
};
absl::StatusOr<std::vector<LeavingRow>> ReadLeaving(
    Transaction& transaction, const Scope& scope, const FeedPart& part,
    const std::string& channel_id, const std::optional<std::string>& moved_to);

// Which of these posts were closed for that reason, expiry, although as of
// `as_of` they were to stay open.
absl::StatusOr<std::set<std::string>> FindExpiredSince(
    Transaction& transaction, const Scope& scope, absl::Time as_of,
    absl::string_view close_reason, const std::vector<std::string>& post_ids);

// Whether the feed is published to the channel.
absl::StatusOr<bool> IsFeedChannel(Transaction& transaction, const Scope& scope,
                                   const std::string& feed_id,
                                   const std::string& channel_id);

// Channels that feeds are published to, in the order of their ids, those after
// `after_channel_id` (empty: from the first), at most `most`; fewer at the end.
absl::StatusOr<std::vector<std::string>> ReadFeedChannelIds(
    Transaction& transaction, const Scope& scope,
    const std::string& after_channel_id, int64_t most);

// What callers call posts, by id, of those that are there.
absl::StatusOr<std::map<std::string, std::string>> FindExternalIds(
    Transaction& transaction, const Scope& scope,
    const std::vector<std::string>& post_ids);

// From here until its end no other transaction starts a plan that excludes
// others (PostgreSQL; SQLite has one writer).
absl::Status LockPlanStarts(Transaction& transaction);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_PLAN_READS_H_
