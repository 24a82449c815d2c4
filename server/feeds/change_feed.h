// Creates a feed, changes it, and deletes it. The transaction's thread.
#ifndef BROADCASTD_FEEDS_CHANGE_FEED_H_
#define BROADCASTD_FEEDS_CHANGE_FEED_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/feed_records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::feeds {

struct ChangedFeed {
  std::optional<storage::Feed> feed;  // unset in a replay: deleted since
  bool replayed = false;
};

// `feed` with a new id; its times are set here.
// Returns NOT_FOUND CLIENT_NOT_FOUND; FAILED_PRECONDITION CLIENT_BEING_DELETED;
// ALREADY_EXISTS FEED_EXISTS; and what Once returns.
absl::StatusOr<ChangedFeed> CreateFeed(storage::Transaction& transaction,
                                       const storage::Scope& scope,
                                       const storage::RequestKey& request,
                                       const storage::Feed& feed);

// What is unset stays as it is; content without an id clears.
struct UpdateFeedCommand {
  std::string feed_id;
  std::string etag;  // empty: any
  std::optional<std::string> display_name;
  std::optional<storage::FeedState> state;
  std::optional<std::optional<bool>> tracking;
  std::optional<storage::StoredContent> tombstone_content;
  std::optional<std::string> labels;
};

// Returns NOT_FOUND FEED_NOT_FOUND; ABORTED ETAG_MISMATCH; and what Once
// returns.
absl::StatusOr<ChangedFeed> UpdateFeed(storage::Transaction& transaction,
                                       const storage::Scope& scope,
                                       const storage::RequestKey& request,
                                       const UpdateFeedCommand& command);

struct DeleteFeedCommand {
  std::string feed_id;
  std::string etag;  // empty: any
  bool allow_missing = false;
  bool force = false;
};

struct DeletedFeed {
  std::string feed_id;    // as the command names it
  std::string client_id;  // empty if there was no feed, and in a replay
  int64_t feed_count = 0;
  bool replayed = false;
};

// Its posts are hidden with it, and purged by the upkeep; its messages stay.
// Returns NOT_FOUND FEED_NOT_FOUND unless `allow_missing`; ABORTED
// ETAG_MISMATCH; FAILED_PRECONDITION FEED_NOT_EMPTY unless `force`; and what
// Once returns.
absl::StatusOr<DeletedFeed> DeleteFeed(storage::Transaction& transaction,
                                       const storage::Scope& scope,
                                       const storage::RequestKey& request,
                                       const DeleteFeedCommand& command);

}  // namespace broadcast::feeds

#endif  // BROADCASTD_FEEDS_CHANGE_FEED_H_
