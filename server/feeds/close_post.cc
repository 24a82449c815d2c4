#include "feeds/close_post.h"

#include <utility>
#include <vector>

#include "base/errors.h"
#include "base/etag.h"
#include "base/status_macros.h"
#include "feeds/retract_messages.h"
#include "storage/answer_json.h"
#include "storage/feeds.h"
#include "storage/once.h"
#include "storage/operations.h"
#include "storage/posts.h"
#include "storage/sql_error.h"

namespace broadcast::feeds {
namespace {

using storage::Feed;
using storage::Post;
using storage::Scope;
using storage::Transaction;

// A post that nobody else changes, and its feed.
struct Held {
  Feed feed;
  Post post;
};

// Nothing if there is none. The feed comes first: see storage::LockFeed.
absl::StatusOr<std::optional<Held>> Hold(Transaction& transaction,
                                         const Scope& scope, const PostKey& key,
                                         const std::string& etag) {
  ASSIGN_OR_RETURN(const auto seen, FindPost(transaction, scope, key));
  if (!seen.has_value()) return std::nullopt;
  ASSIGN_OR_RETURN(auto feed,
                   storage::LockFeed(transaction, scope, seen->feed_id,
                                     storage::FeedLock::kShared));
  if (!feed.has_value()) return std::nullopt;
  ASSIGN_OR_RETURN(auto posts,
                   storage::LockPosts(transaction, scope, {seen->post_id}));
  if (posts.empty()) return std::nullopt;
  Post& post = posts[0];
  if (!EtagAllows(etag, post.revision)) {
    return error::EtagMismatch("post", post.post_id, EtagOf(post.revision));
  }
  return Held{.feed = *std::move(feed), .post = std::move(post)};
}

std::string OperationIdOf(const std::optional<storage::Operation>& operation) {
  return operation.has_value() ? operation->operation_id : std::string();
}

absl::StatusOr<std::optional<storage::Operation>> OperationAgain(
    Transaction& transaction, const Scope& scope, const std::string& id) {
  if (id.empty()) return std::nullopt;
  return storage::FindOperation(transaction, scope, id);
}

absl::StatusOr<ClosedPost> Close(Transaction& transaction, const Scope& scope,
                                 const FeedPolicy& policy,
                                 const ClosePostCommand& command) {
  ASSIGN_OR_RETURN(const auto held,
                   Hold(transaction, scope, command.key, command.etag));
  if (!held.has_value()) return NotFound(command.key);
  const std::string& post_id = held->post.post_id;
  if (held->post.state == storage::PostState::kClosed) {
    return error::PostClosed(post_id);
  }
  if (!Tracks(held->feed, policy)) {
    return error::TrackingDisabled(held->feed.feed_id);
  }
  ASSIGN_OR_RETURN(
      const int64_t closed,
      storage::ClosePosts(transaction, scope, {post_id}, command.reason));
  if (closed == 0) return storage::RunAgain();
  ClosedPost done;
  ASSIGN_OR_RETURN(done.operation,
                   RetractMessages(transaction, scope, policy, held->feed,
                                   {post_id}, command.operation_id));
  ASSIGN_OR_RETURN(done.post, storage::FindPost(transaction, scope, post_id));
  if (!done.post.has_value()) return storage::RunAgain();
  return done;
}

absl::StatusOr<DeletedPost> Delete(Transaction& transaction, const Scope& scope,
                                   const FeedPolicy& policy,
                                   const DeletePostCommand& command) {
  ASSIGN_OR_RETURN(const auto held,
                   Hold(transaction, scope, command.key, command.etag));
  if (!held.has_value()) {
    if (command.allow_missing) return DeletedPost();
    return NotFound(command.key);
  }
  DeletedPost done{.client_id = held->post.client_id,
                   .feed_id = held->post.feed_id,
                   .post_id = held->post.post_id};
  ASSIGN_OR_RETURN(done.operation,
                   RetractMessages(transaction, scope, policy, held->feed,
                                   {done.post_id}, command.operation_id));
  ASSIGN_OR_RETURN(done.post_count,
                   storage::DeletePosts(transaction, scope, {done.post_id}));
  if (done.post_count == 0) return storage::RunAgain();
  return done;
}

absl::StatusOr<ClosedPost> ReplayClosed(Transaction& transaction,
                                        const Scope& scope,
                                        const std::string& recorded) {
  ASSIGN_OR_RETURN(const auto ids, storage::IdsFromJson(recorded));
  if (ids.size() != 2) return error::Internal();
  ClosedPost done;
  ASSIGN_OR_RETURN(done.post, storage::FindPost(transaction, scope, ids[0]));
  ASSIGN_OR_RETURN(done.operation, OperationAgain(transaction, scope, ids[1]));
  return done;
}

absl::StatusOr<DeletedPost> ReplayDeleted(Transaction& transaction,
                                          const Scope& scope,
                                          const std::string& recorded) {
  ASSIGN_OR_RETURN(const auto ids, storage::IdsFromJson(recorded));
  if (ids.size() != 2) return error::Internal();
  DeletedPost done{.post_id = ids[0], .post_count = ids[0].empty() ? 0 : 1};
  ASSIGN_OR_RETURN(done.operation, OperationAgain(transaction, scope, ids[1]));
  return done;
}

}  // namespace

absl::StatusOr<std::optional<Post>> FindPost(Transaction& transaction,
                                             const Scope& scope,
                                             const PostKey& key) {
  if (!key.post_id.empty()) {
    return storage::FindPost(transaction, scope, key.post_id);
  }
  return storage::FindPostByExternalId(transaction, scope, key.feed_id,
                                       key.external_id);
}

absl::Status NotFound(const PostKey& key) {
  return key.post_id.empty()
             ? error::PostOfNameNotFound(key.feed_id, key.external_id)
             : error::PostNotFound(key.post_id);
}

absl::StatusOr<ClosedPost> ClosePost(Transaction& transaction,
                                     const Scope& scope,
                                     const storage::RequestKey& request,
                                     const FeedPolicy& policy,
                                     const ClosePostCommand& command) {
  return storage::Once(
      transaction, request,
      [&] { return Close(transaction, scope, policy, command); },
      [](const ClosedPost& done) {
        return storage::IdsToJson(
            {done.post->post_id, OperationIdOf(done.operation)});
      },
      [&](const std::string& recorded) {
        return ReplayClosed(transaction, scope, recorded);
      });
}

absl::StatusOr<DeletedPost> DeletePost(Transaction& transaction,
                                       const Scope& scope,
                                       const storage::RequestKey& request,
                                       const FeedPolicy& policy,
                                       const DeletePostCommand& command) {
  return storage::Once(
      transaction, request,
      [&] { return Delete(transaction, scope, policy, command); },
      [](const DeletedPost& done) {
        return storage::IdsToJson(
            {done.post_id, OperationIdOf(done.operation)});
      },
      [&](const std::string& recorded) {
        return ReplayDeleted(transaction, scope, recorded);
      });
}

}  // namespace broadcast::feeds
