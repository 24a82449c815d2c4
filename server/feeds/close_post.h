// Closes one post, or deletes it, and takes its messages back. The
// transaction's thread.
#ifndef BROADCASTD_FEEDS_CLOSE_POST_H_
#define BROADCASTD_FEEDS_CLOSE_POST_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "feeds/feed_policy.h"
#include "storage/delivery_records.h"
#include "storage/feed_records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::feeds {

// By its id or, if that is empty, by what its caller calls it.
struct PostKey {
  std::string post_id;
  std::string feed_id;
  std::string external_id;
};

// Nothing if there is none in `scope`. A read: nothing is locked.
absl::StatusOr<std::optional<storage::Post>> FindPost(
    storage::Transaction& transaction, const storage::Scope& scope,
    const PostKey& key);

// NOT_FOUND POST_NOT_FOUND.
absl::Status NotFound(const PostKey& key);

struct ClosePostCommand {
  PostKey key;
  std::string etag;  // empty: any
  std::string reason;
  std::string operation_id;
};

struct ClosedPost {
  // Both unset in a replay if they were deleted since; `operation` also if
  // there was nothing to take back.
  std::optional<storage::Post> post;
  std::optional<storage::Operation> operation;
  bool replayed = false;
};

// Returns NOT_FOUND POST_NOT_FOUND; ABORTED ETAG_MISMATCH; FAILED_PRECONDITION
// POST_CLOSED or TRACKING_DISABLED; and what Once returns.
absl::StatusOr<ClosedPost> ClosePost(storage::Transaction& transaction,
                                     const storage::Scope& scope,
                                     const storage::RequestKey& request,
                                     const FeedPolicy& policy,
                                     const ClosePostCommand& command);

struct DeletePostCommand {
  PostKey key;
  std::string etag;  // empty: any
  bool allow_missing = false;
  std::string operation_id;
};

struct DeletedPost {
  std::string client_id;  // empty if there was no post, and in a replay
  std::string feed_id;
  std::string post_id;
  int64_t post_count = 0;
  // Unset if there was nothing to take back, or in a replay if it was deleted
  // since.
  std::optional<storage::Operation> operation;
  bool replayed = false;
};

// Its messages stay in the table. Of a feed that remembers none they stay where
// they are too.
// Returns NOT_FOUND POST_NOT_FOUND unless `allow_missing`; ABORTED
// ETAG_MISMATCH; and what Once returns.
absl::StatusOr<DeletedPost> DeletePost(storage::Transaction& transaction,
                                       const storage::Scope& scope,
                                       const storage::RequestKey& request,
                                       const FeedPolicy& policy,
                                       const DeletePostCommand& command);

}  // namespace broadcast::feeds

#endif  // BROADCASTD_FEEDS_CLOSE_POST_H_
