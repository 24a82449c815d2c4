// The methods of FeedService about feeds and their channels: what is particular
// to each, as rpc/call.h wants it. Pure but for Load and Decide, which run in a
// transaction.
#ifndef BROADCASTD_RPC_FEED_METHODS_H_
#define BROADCASTD_RPC_FEED_METHODS_H_

#include <optional>
#include <string>
#include <vector>

#include "broadcast/v1/feed_service.pb.h"
#include "feeds/change_feed.h"
#include "feeds/change_feed_channels.h"
#include "rpc/call.h"
#include "storage/feed_records.h"
#include "storage/list.h"

namespace broadcast::rpc {

inline constexpr char kFeedService[] = "broadcast.v1.FeedService";

// The part of an event that tells of an operation, if there is one.
void ReportOperationId(const std::optional<storage::Operation>& operation,
                       ReportedIds& ids);

// What Create and Update have in common.
struct ChangeFeedMethod {
  using Result = feeds::ChangedFeed;
  static constexpr bool kSingle = false;
  static void Report(const Result&, ReportedIds&);

  template <typename Response>
  static void Answer(const Result& result, const Policy& policy,
                     Response& response) {
    if (result.feed.has_value()) {
      FeedInto(*result.feed, policy, *response.mutable_feed());
    }
    response.set_replayed(result.replayed);
  }

 private:
  static void FeedInto(const storage::Feed&, const Policy&, v1::Feed&);
};

struct CreateFeedMethod : ChangeFeedMethod {
  using Request = v1::CreateFeedRequest;
  using Response = v1::CreateFeedResponse;
  using Command = storage::Feed;
  static constexpr RpcName kName{kFeedService, "CreateFeed", "feed.created"};

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
};

struct GetFeedMethod {
  using Request = v1::GetFeedRequest;
  using Response = v1::GetFeedResponse;
  using Command = std::string;  // the feed's id
  struct Result {
    storage::Feed feed;
    std::vector<storage::FeedChannel> channels;
  };
  static constexpr RpcName kName{kFeedService, "GetFeed", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kPoint;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

struct ListFeedsMethod {
  using Request = v1::ListFeedsRequest;
  using Response = v1::ListFeedsResponse;
  using Command = storage::ListPlan;
  using Result = storage::Page<storage::Feed>;
  static constexpr RpcName kName{kFeedService, "ListFeeds", nullptr};
  static constexpr storage::ReadKind kKind = storage::ReadKind::kScan;

  static absl::StatusOr<Command> Parse(const Request&, const storage::Scope&);
  static absl::StatusOr<Result> Load(storage::Transaction&,
                                     const storage::Scope&, const Command&);
  static void Answer(const Result&, const Policy&, Response&);
};

struct UpdateFeedMethod : ChangeFeedMethod {
  using Request = v1::UpdateFeedRequest;
  using Response = v1::UpdateFeedResponse;
  using Command = feeds::UpdateFeedCommand;
  static constexpr RpcName kName{kFeedService, "UpdateFeed", "feed.updated"};

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
};

struct DeleteFeedMethod {
  using Request = v1::DeleteFeedRequest;
  using Response = v1::DeleteFeedResponse;
  using Command = feeds::DeleteFeedCommand;
  using Result = feeds::DeletedFeed;
  static constexpr RpcName kName{kFeedService, "DeleteFeed", "feed.deleted"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, ReportedIds&);
};

struct AddFeedChannelMethod {
  using Request = v1::AddFeedChannelRequest;
  using Response = v1::AddFeedChannelResponse;
  using Command = feeds::AddFeedChannelCommand;
  using Result = feeds::AddedFeedChannel;
  static constexpr RpcName kName{kFeedService, "AddFeedChannel",
                                 "feed_channel.added"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, ReportedIds&);
};

struct RemoveFeedChannelMethod {
  using Request = v1::RemoveFeedChannelRequest;
  using Response = v1::RemoveFeedChannelResponse;
  using Command = feeds::RemoveFeedChannelCommand;
  using Result = feeds::RemovedFeedChannel;
  static constexpr RpcName kName{kFeedService, "RemoveFeedChannel",
                                 "feed_channel.removed"};
  static constexpr bool kSingle = false;

  static absl::StatusOr<Command> Parse(const Request&, const Policy&);
  static absl::StatusOr<Result> Decide(storage::Transaction&, const Caller&,
                                       const Command&, const Policy&);
  static void Answer(const Result&, const Policy&, Response&);
  static void Report(const Result&, ReportedIds&);
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_FEED_METHODS_H_
