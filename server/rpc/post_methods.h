// The methods of FeedService about posts: what is particular to each, as
// rpc/call.h wants it. Pure but for Load and Decide, which run in a
// transaction.
#ifndef BROADCASTD_RPC_POST_METHODS_H_
#define BROADCASTD_RPC_POST_METHODS_H_

#include <vector>

#include "feeds/close_post.h"
#include "feeds/upsert_posts.h"
#include "rpc/feed_methods.h"

namespace broadcast::rpc {

// What the posting of one and of several posts have in common.
struct PostingMethod {
  using Command = feeds::UpsertPostsCommand;
  using Result = feeds::UpsertedPosts;
  static constexpr bool kSingle = false;

  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  // A line for each post that was changed, and one about all.
  static void Report(const Result&, std::vector<ReportedIds>&);
  static bool HasChanged(const Result&);

 protected:
  static void Wake(const Result&, const Policy&);
};

struct UpsertPostMethod : PostingMethod {
  using Request = v1::UpsertPostRequest;
  using Response = v1::UpsertPostResponse;
  static constexpr RpcName kName{kFeedService, "UpsertPost", "post.upserted"};

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
};

struct BatchUpsertPostsMethod : PostingMethod {
  using Request = v1::BatchUpsertPostsRequest;
  using Response = v1::BatchUpsertPostsResponse;
  static constexpr RpcName kName{kFeedService, "BatchUpsertPosts",
                                 "posts.upserted"};

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
};

struct ClosePostMethod {
  using Request = v1::ClosePostRequest;
  using Response = v1::ClosePostResponse;
  using Command = feeds::ClosePostCommand;
  using Result = feeds::ClosedPost;
  static constexpr RpcName kName{kFeedService, "ClosePost", "post.closed"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, ReportedIds&);
};

struct DeletePostMethod {
  using Request = v1::DeletePostRequest;
  using Response = v1::DeletePostResponse;
  using Command = feeds::DeletePostCommand;
  using Result = feeds::DeletedPost;
  static constexpr RpcName kName{kFeedService, "DeletePost", "post.deleted"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, ReportedIds&);
};

struct GetPostMethod {
  using Request = v1::GetPostRequest;
  using Response = v1::GetPostResponse;
  using Command = feeds::PostKey;
  using Result = storage::Post;
  static constexpr RpcName kName{kFeedService, "GetPost", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kPoint;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

struct ListPostsMethod {
  using Request = v1::ListPostsRequest;
  using Response = v1::ListPostsResponse;
  struct Command {
    std::string feed_id;
    storage::ListPlan plan;
  };
  using Result = storage::Page<storage::Post>;
  static constexpr RpcName kName{kFeedService, "ListPosts", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kScan;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_POST_METHODS_H_
