#include "rpc/feed_methods.h"

#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "content/fields.h"
#include "rpc/convert/content.h"
#include "rpc/convert/feed.h"
#include "rpc/convert/mask.h"
#include "rpc/convert/operation.h"
#include "storage/feeds.h"

namespace broadcast::rpc {
namespace {

using storage::Scope;
using storage::StoredContent;
using storage::Transaction;

constexpr absl::string_view kStates = "must be STATE_OPEN or STATE_CLOSED";

storage::FeedState StateFromProto(v1::Feed::State state,
                                  Violations& violations) {
  switch (state) {
    case v1::Feed::STATE_OPEN:
      return storage::FeedState::kOpen;
    case v1::Feed::STATE_CLOSED:
      return storage::FeedState::kClosed;
    default:
      violations.Add("feed.state", kStates);
      return storage::FeedState::kOpen;
  }
}

std::optional<bool> TrackingFromProto(const v1::Feed& feed) {
  if (!feed.has_tracking()) return std::nullopt;
  return feed.tracking();
}

StoredContent TombstoneFromProto(const v1::Feed& feed, Violations& violations) {
  if (!feed.has_tombstone_content()) return {};
  return StoredContentFromProto(feed.tombstone_content(),
                                "feed.tombstone_content", violations);
}

// What was rehearsed was not stored.
void ForgetIf(bool rehearsed, std::optional<storage::Operation>& operation) {
  if (rehearsed) operation.reset();
}

template <typename Response>
void AnswerPlanned(const std::optional<storage::Operation>& operation,
                   const Policy& policy, Response& response) {
  if (!operation.has_value()) return;
  OperationToProto(*operation, *response.mutable_operation());
  policy.wake_planner();
}

}  // namespace

void ReportOperationId(const std::optional<storage::Operation>& operation,
                       ReportedIds& ids) {
  if (operation.has_value()) ids.operation_id = operation->operation_id;
}

void ChangeFeedMethod::FeedInto(const storage::Feed& feed, const Policy& policy,
                                v1::Feed& proto) {
  FeedToProto(feed, policy, proto);
}

void ChangeFeedMethod::Report(const Result& result, ReportedIds& ids) {
  ids.replayed = result.replayed;
  if (!result.feed.has_value()) return;
  ids.client_id = result.feed->client_id;
  ids.feed_id = result.feed->feed_id;
  ids.rows = 1;
}

absl::StatusOr<storage::Feed> CreateFeedMethod::Parse(const Request& request,
                                                      const Policy& policy) {
  Violations violations;
  const v1::Feed& feed = request.feed();
  storage::Feed command{
      .feed_id = policy.ids->Next(),
      .client_id = Uuid(feed.client_id(), "feed.client_id", violations),
      .name = FeedName(feed.name(), "feed.name", violations),
      .display_name =
          Title(feed.display_name(), "feed.display_name", violations),
      .tracking = TrackingFromProto(feed),
      .tombstone_content = TombstoneFromProto(feed, violations),
      .labels = LabelsFromProto(feed.labels(), "feed.labels", violations)};
  if (feed.state() != v1::Feed::STATE_UNSPECIFIED) {
    command.state = StateFromProto(feed.state(), violations);
  }
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<feeds::ChangedFeed> CreateFeedMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& feed,
    const Policy&) {
  ASSIGN_OR_RETURN(auto created, feeds::CreateFeed(transaction, caller.scope,
                                                   caller.request, feed));
  if (caller.validate_only) created.feed->feed_id.clear();
  return created;
}

absl::StatusOr<std::string> GetFeedMethod::Parse(const Request& request,
                                                 const Scope&) {
  Violations violations;
  std::string feed_id = Uuid(request.feed_id(), "feed_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return feed_id;
}

absl::StatusOr<GetFeedMethod::Result> GetFeedMethod::Load(
    Transaction& transaction, const Scope& scope, const Command& feed_id) {
  ASSIGN_OR_RETURN(auto feed, storage::FindFeed(transaction, scope, feed_id));
  if (!feed.has_value()) return error::FeedNotFound(feed_id);
  Result result{.feed = *std::move(feed)};
  ASSIGN_OR_RETURN(result.channels,
                   storage::ListFeedChannels(transaction, scope, feed_id));
  return result;
}

void GetFeedMethod::Answer(const Result& result, const Policy& policy,
                           Response& response) {
  FeedToProto(result.feed, policy, *response.mutable_feed());
  for (const storage::FeedChannel& feed_channel : result.channels) {
    FeedChannelToProto(feed_channel, *response.add_feed_channels());
  }
}

absl::StatusOr<storage::ListPlan> ListFeedsMethod::Parse(const Request& request,
                                                         const Scope& scope) {
  return storage::PlanFeedList(ListFromProto(request), scope);
}

absl::StatusOr<storage::Page<storage::Feed>> ListFeedsMethod::Load(
    Transaction& transaction, const Scope&, const Command& plan) {
  return storage::ListFeeds(transaction, plan);
}

void ListFeedsMethod::Answer(const Result& page, const Policy& policy,
                             Response& response) {
  for (const storage::Feed& feed : page.rows) {
    FeedToProto(feed, policy, *response.add_feeds());
  }
  response.set_next_page_token(page.next_page_token);
}

absl::StatusOr<feeds::UpdateFeedCommand> UpdateFeedMethod::Parse(
    const Request& request, const Policy&) {
  Violations violations;
  const v1::Feed& feed = request.feed();
  const Mask mask(
      request, feed,
      {"display_name", "state", "tracking", "tombstone_content", "labels"},
      violations);
  Command command{.feed_id = Uuid(feed.feed_id(), "feed.feed_id", violations),
                  .etag = feed.etag()};
  if (mask.Names("display_name")) {
    command.display_name =
        Title(feed.display_name(), "feed.display_name", violations);
  }
  if (mask.Names("state")) {
    command.state = StateFromProto(feed.state(), violations);
  }
  if (mask.Names("tracking")) command.tracking = TrackingFromProto(feed);
  if (mask.Names("tombstone_content")) {
    command.tombstone_content = TombstoneFromProto(feed, violations);
  }
  if (mask.Names("labels")) {
    command.labels = LabelsFromProto(feed.labels(), "feed.labels", violations);
  }
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<feeds::ChangedFeed> UpdateFeedMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy&) {
  return feeds::UpdateFeed(transaction, caller.scope, caller.request, command);
}

absl::StatusOr<feeds::DeleteFeedCommand> DeleteFeedMethod::Parse(
    const Request& request, const Policy&) {
  Violations violations;
  Command command{.feed_id = Uuid(request.feed_id(), "feed_id", violations),
                  .etag = request.etag(),
                  .allow_missing = request.allow_missing(),
                  .force = request.force()};
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<feeds::DeletedFeed> DeleteFeedMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy&) {
  return feeds::DeleteFeed(transaction, caller.scope, caller.request, command);
}

void DeleteFeedMethod::Answer(const Result& result, const Policy& policy,
                              Response& response) {
  response.set_feed_count(static_cast<int32_t>(result.feed_count));
  response.set_replayed(result.replayed);
  // It is durable by now. Woken for a rehearsal, the upkeep finds nothing.
  if (result.feed_count > 0) policy.wake_upkeep();
}

void DeleteFeedMethod::Report(const Result& result, ReportedIds& ids) {
  ids.replayed = result.replayed;
  ids.client_id = result.client_id;
  ids.feed_id = result.feed_id;
  ids.rows = result.feed_count;
}

absl::StatusOr<feeds::AddFeedChannelCommand> AddFeedChannelMethod::Parse(
    const Request& request, const Policy& policy) {
  Violations violations;
  Command command{
      .feed_id = Uuid(request.feed_id(), "feed_id", violations),
      .channel_id = Uuid(request.channel_id(), "channel_id", violations),
      .operation_id = policy.ids->Next()};
  if (request.has_fill()) command.fill = request.fill();
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<feeds::AddedFeedChannel> AddFeedChannelMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy& policy) {
  ASSIGN_OR_RETURN(auto added, feeds::AddFeedChannel(
                                   transaction, caller.scope, caller.request,
                                   FeedPolicyOf(policy), command));
  ForgetIf(caller.validate_only, added.operation);
  return added;
}

void AddFeedChannelMethod::Answer(const Result& result, const Policy& policy,
                                  Response& response) {
  if (result.feed_channel.has_value()) {
    FeedChannelToProto(*result.feed_channel, *response.mutable_feed_channel());
  }
  AnswerPlanned(result.operation, policy, response);
  response.set_replayed(result.replayed);
}

void AddFeedChannelMethod::Report(const Result& result, ReportedIds& ids) {
  ids.replayed = result.replayed;
  ids.rows = 1;
  ids.client_id = result.client_id;
  if (result.feed_channel.has_value()) {
    ids.feed_id = result.feed_channel->feed_id;
    ids.channel_id = result.feed_channel->channel.channel_id;
  }
  ReportOperationId(result.operation, ids);
}

absl::StatusOr<feeds::RemoveFeedChannelCommand> RemoveFeedChannelMethod::Parse(
    const Request& request, const Policy& policy) {
  Violations violations;
  Command command{
      .feed_id = Uuid(request.feed_id(), "feed_id", violations),
      .channel_id = Uuid(request.channel_id(), "channel_id", violations),
      .clear = request.clear(),
      .allow_missing = request.allow_missing(),
      .operation_id = policy.ids->Next()};
  RequestId(request.request_id(), "request_id", violations);
  RETURN_IF_ERROR(violations.ToStatus());
  return command;
}

absl::StatusOr<feeds::RemovedFeedChannel> RemoveFeedChannelMethod::Decide(
    Transaction& transaction, const Caller& caller, const Command& command,
    const Policy& policy) {
  ASSIGN_OR_RETURN(auto removed, feeds::RemoveFeedChannel(
                                     transaction, caller.scope, caller.request,
                                     FeedPolicyOf(policy), command));
  ForgetIf(caller.validate_only, removed.operation);
  return removed;
}

void RemoveFeedChannelMethod::Answer(const Result& result, const Policy& policy,
                                     Response& response) {
  response.set_feed_channel_count(
      static_cast<int32_t>(result.feed_channel_count));
  AnswerPlanned(result.operation, policy, response);
  response.set_replayed(result.replayed);
}

void RemoveFeedChannelMethod::Report(const Result& result, ReportedIds& ids) {
  ids.replayed = result.replayed;
  ids.rows = result.feed_channel_count;
  ids.client_id = result.client_id;
  ids.feed_id = result.feed_id;
  ids.channel_id = result.channel_id;
  ReportOperationId(result.operation, ids);
}

}  // namespace broadcast::rpc
