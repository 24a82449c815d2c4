#include "rpc/post_methods.h"

#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "content/fields.h"
#include "rpc/convert/mask.h"
#include "rpc/convert/operation.h"
#include "rpc/convert/post.h"
#include "storage/feeds.h"

namespace broadcast::rpc {
namespace {

using feeds::PostOutcome;
using storage::Scope;
using storage::Transaction;

template <typename Response>
void AnswerOperation(const std::optional<storage::Operation>& operation,
                     const Policy& policy, Response& response) {
  if (!operation.has_value()) return;
  OperationToProto(*operation, *response.mutable_operation());
  policy.wake_dispatcher();
}

void PostsFromProto(const v1::BatchUpsertPostsRequest& request, IdSource& ids,
                    feeds::UpsertPostsCommand& command,
                    Violations& violations) {
  if (request.posts().empty() ||
      request.posts_size() > limits::kMaxBatchPosts) {
    violations.Add("posts", absl::StrCat("must have 1 to ",
                                         limits::kMaxBatchPosts, " posts"));
    return;
  }
  std::set<std::string> names;
  for (int i = 0; i < request.posts_size(); ++i) {
    const std::string field = Element("posts", static_cast<size_t>(i));
    feeds::PostSpec spec =
        PostSpecFromProto(request.posts(i), field, ids, violations);
    if (!spec.external_id.empty() && !names.insert(spec.external_id).second) {
      violations.Add(Subfield(field, "external_id"),
                     "is that of a post before it");
    }
    command.posts.push_back(std::move(spec));
  }
}

}  // namespace

absl::StatusOr<feeds::UpsertedPosts> PostingMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy& policy) {
  ASSIGN_OR_RETURN(auto upserted,
                   feeds::UpsertPosts(transaction, caller.scope, caller.request,
                                      FeedPolicyOf(policy), command));
  if (!caller.validate_only) {
    if (upserted.operation.has_value() && !upserted.replayed) {
      PassFailPoint(policy.fail_points, "before_enqueue_commit");
    }
    return upserted;
  }
  // In a rehearsal nothing was stored.
  upserted.operation.reset();
  for (auto& [post, outcome] : upserted.posts) {
    if (outcome == PostOutcome::kCreated) post.post_id.clear();
  }
  return upserted;
}

bool PostingMethod::HasChanged(const Result& result) {
  if (result.replayed) return true;  // told, not audited
  for (const auto& [post, outcome] : result.posts) {
    if (outcome != PostOutcome::kUnchanged) return true;
  }
  return false;
}

void PostingMethod::Report(const Result& result,
                           std::vector<ReportedIds>& lines) {
  ReportedIds all{.feed_id = result.feed_id, .replayed = result.replayed};
  ReportOperationId(result.operation, all);
  for (const auto& [post, outcome] : result.posts) {
    all.client_id = post.client_id;
    if (outcome == PostOutcome::kUnchanged) continue;
    ++all.rows;
    if (result.posts.size() == 1) {
      all.post_id = post.post_id;
    } else if (!result.replayed) {
      lines.push_back({.event = UpsertPostMethod::kName.event,
                       .client_id = post.client_id,
                       .feed_id = result.feed_id,
                       .post_id = post.post_id,
                       .rows = 1});
    }
  }
  lines.push_back(std::move(all));
}

void PostingMethod::Wake(const Result& result, const Policy& policy) {
  if (result.replayed) return;
  for (const auto& [post, outcome] : result.posts) {
    if (post.expire_time.has_value() && outcome != PostOutcome::kUnchanged) {
      return policy.wake_expirer();
    }
  }
}

absl::StatusOr<feeds::UpsertPostsCommand> UpsertPostMethod::Parse(
    const Request& request, const Policy& policy) {
  Violations violations;
  Command command{.feed_id = Uuid(request.feed_id(), "feed_id", violations),
                  .etag = request.etag(),
                  .operation_id = policy.ids->Next()};
  command.posts.push_back(
      PostSpecFromProto(request.post(), "post", *policy.ids, violations));
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

void UpsertPostMethod::Answer(const Result& result, const Policy& policy,
                              Response& response) {
  // None in a replay if it has been deleted since.
  for (const auto& [post, outcome] : result.posts) {
    PostToProto(post, *response.mutable_post());
    response.set_outcome(PostOutcomeToProto(outcome));
  }
  AnswerOperation(result.operation, policy, response);
  response.set_replayed(result.replayed);
  Wake(result, policy);
}

absl::StatusOr<feeds::UpsertPostsCommand> BatchUpsertPostsMethod::Parse(
    const Request& request, const Policy& policy) {
  Violations violations;
  Command command{.feed_id = Uuid(request.feed_id(), "feed_id", violations),
                  .operation_id = policy.ids->Next()};
  PostsFromProto(request, *policy.ids, command, violations);
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

void BatchUpsertPostsMethod::Answer(const Result& result, const Policy& policy,
                                    Response& response) {
  for (const auto& [post, outcome] : result.posts) {
    v1::PostResult& added = *response.add_results();
    PostToProto(post, *added.mutable_post());
    added.set_outcome(PostOutcomeToProto(outcome));
  }
  AnswerOperation(result.operation, policy, response);
  response.set_replayed(result.replayed);
  Wake(result, policy);
}

absl::StatusOr<feeds::ClosePostCommand> ClosePostMethod::Parse(
    const Request& request, const Policy& policy) {
  Violations violations;
  Command command{.key = PostKeyFromProto(request, violations),
                  .etag = request.etag(),
                  .reason = Reason(request.reason(), "reason", violations),
                  .operation_id = policy.ids->Next()};
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<feeds::ClosedPost> ClosePostMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy& policy) {
  ASSIGN_OR_RETURN(auto closed,
                   feeds::ClosePost(transaction, caller.scope, caller.request,
                                    FeedPolicyOf(policy), command));
  if (caller.validate_only) closed.operation.reset();
  return closed;
}

void ClosePostMethod::Answer(const Result& result, const Policy& policy,
                             Response& response) {
  if (result.post.has_value()) {
    PostToProto(*result.post, *response.mutable_post());
  }
  AnswerOperation(result.operation, policy, response);
  response.set_replayed(result.replayed);
}

void ClosePostMethod::Report(const Result& result, ReportedIds& ids) {
  ids.replayed = result.replayed;
  ids.rows = 1;
  if (result.post.has_value()) {
    ids.client_id = result.post->client_id;
    ids.feed_id = result.post->feed_id;
    ids.post_id = result.post->post_id;
  }
  ReportOperationId(result.operation, ids);
}

absl::StatusOr<feeds::DeletePostCommand> DeletePostMethod::Parse(
    const Request& request, const Policy& policy) {
  Violations violations;
  Command command{.key = PostKeyFromProto(request, violations),
                  .etag = request.etag(),
                  .allow_missing = request.allow_missing(),
                  .operation_id = policy.ids->Next()};
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<feeds::DeletedPost> DeletePostMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy& policy) {
  ASSIGN_OR_RETURN(auto deleted,
                   feeds::DeletePost(transaction, caller.scope, caller.request,
                                     FeedPolicyOf(policy), command));
  if (caller.validate_only) deleted.operation.reset();
  return deleted;
}

void DeletePostMethod::Answer(const Result& result, const Policy& policy,
                              Response& response) {
  response.set_post_count(static_cast<int32_t>(result.post_count));
  AnswerOperation(result.operation, policy, response);
  response.set_replayed(result.replayed);
}

void DeletePostMethod::Report(const Result& result, ReportedIds& ids) {
  ids.replayed = result.replayed;
  ids.rows = result.post_count;
  ids.client_id = result.client_id;
  ids.feed_id = result.feed_id;
  ids.post_id = result.post_id;
  ReportOperationId(result.operation, ids);
}

absl::StatusOr<feeds::PostKey> GetPostMethod::Parse(const Request& request,
                                                    const Scope&) {
  Violations violations;
  feeds::PostKey key = PostKeyFromProto(request, violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return key;
}

absl::StatusOr<storage::Post> GetPostMethod::Load(Transaction& transaction,
                                                  const Scope& scope,
                                                  const Command& key) {
  ASSIGN_OR_RETURN(auto post, feeds::FindPost(transaction, scope, key));
  if (!post.has_value()) return feeds::NotFound(key);
  return *std::move(post);
}

void GetPostMethod::Answer(const Result& post, const Policy&,
                           Response& response) {
  PostToProto(post, *response.mutable_post());
}

absl::StatusOr<ListPostsMethod::Command> ListPostsMethod::Parse(
    const Request& request, const Scope& scope) {
  Violations violations;
  std::string feed_id = Uuid(request.feed_id(), "feed_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  ASSIGN_OR_RETURN(
      auto plan, storage::PlanPostList(ListFromProto(request), scope, feed_id));
  return Command{.feed_id = std::move(feed_id), .plan = std::move(plan)};
}

absl::StatusOr<storage::Page<storage::Post>> ListPostsMethod::Load(
    Transaction& transaction, const Scope& scope, const Command& command) {
  ASSIGN_OR_RETURN(const auto feed,
                   storage::FindFeed(transaction, scope, command.feed_id));
  if (!feed.has_value()) return error::FeedNotFound(command.feed_id);
  return storage::ListPosts(transaction, command.plan);
}

void ListPostsMethod::Answer(const Result& page, const Policy&,
                             Response& response) {
  for (const storage::Post& post : page.rows) {
    PostToProto(post, *response.add_posts());
  }
  response.set_next_page_token(page.next_page_token);
}

}  // namespace broadcast::rpc
