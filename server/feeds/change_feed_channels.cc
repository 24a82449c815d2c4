#include "feeds/change_feed_channels.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/answer_json.h"
#include "storage/channels.h"
#include "storage/contents.h"
#include "storage/feeds.h"
#include "storage/once.h"
#include "storage/operations.h"
#include "storage/plans.h"
#include "storage/sql_error.h"

namespace broadcast::feeds {
namespace {

using storage::Channel;
using storage::Feed;
using storage::FeedChannel;
using storage::FeedLock;
using storage::Operation;
using storage::OperationKind;
using storage::Plan;
using storage::PlanKind;
using storage::Scope;
using storage::Transaction;

// Whether a plan for the channel makes sense now.
absl::Status CheckPlannable(Transaction& transaction, const Feed& feed,
                            const Channel& channel, const FeedPolicy& policy) {
  if (!Tracks(feed, policy)) return error::TrackingDisabled(feed.feed_id);
  if (channel.state != storage::ChannelState::kActive) {
    return error::ChannelNotActive(channel.channel_id, ToText(channel.state));
  }
  if (AccountOf(channel, policy) == nullptr) {
    return error::AccountUnavailable(channel.account);
  }
  ASSIGN_OR_RETURN(const auto unfinished,
                   storage::UnfinishedPlans(transaction, {channel.channel_id}));
  if (!unfinished.empty()) {
    return error::SyncRunning(channel.channel_id, unfinished[0].operation_id);
  }
  return absl::OkStatus();
}

// Leaves to the planner what one feed needs in one channel.
absl::StatusOr<std::optional<Operation>> StartPlan(
    Transaction& transaction, const Scope& scope, const Feed& feed,
    const std::string& channel_id, PlanKind kind,
    const std::string& operation_id) {
  const bool fills = kind == PlanKind::kFill;
  const storage::NewOperation made{
      .operation = {
          .operation_id = operation_id,
          .client_id = feed.client_id,
          .feed_id = feed.feed_id,
          .kind = fills ? OperationKind::kFill : OperationKind::kClear,
          .state = storage::OperationState::kPlanning}};
  RETURN_IF_ERROR(
      storage::InsertOperations(transaction, scope, absl::MakeSpan(&made, 1)));
  const absl::Time now = transaction.now();
  const Plan plan{.operation_id = operation_id,
                  .channel_id = channel_id,
                  .client_id = feed.client_id,
                  .kind = kind,
                  .feed_id = feed.feed_id,
                  .mode = fills ? storage::PlanMode::kPostOnly
                                : storage::PlanMode::kDeleteOnly,
                  .as_of = now,
                  .next_time = now};
  // The channel may have been deleted in between.
  RETURN_IF_ERROR(storage::AgainIfCollected(
      storage::InsertPlans(transaction, scope, absl::MakeSpan(&plan, 1))));
  return storage::FindOperation(transaction, scope, operation_id);
}

absl::StatusOr<std::optional<FeedChannel>> FindFeedChannel(
    Transaction& transaction, const Scope& scope, const std::string& feed_id,
    const std::string& channel_id) {
  ASSIGN_OR_RETURN(auto all,
                   storage::ListFeedChannels(transaction, scope, feed_id));
  const auto found = std::find_if(
      all.begin(), all.end(), [&](const FeedChannel& feed_channel) {
        return feed_channel.channel.channel_id == channel_id;
      });
  if (found == all.end()) return std::nullopt;
  return std::move(*found);
}

// Refuses a channel that the feed is published to already, or one too many.
absl::Status CheckRoom(Transaction& transaction, const Scope& scope,
                       const AddFeedChannelCommand& command) {
  ASSIGN_OR_RETURN(
      const auto channels,
      storage::ReadFeedChannels(transaction, scope, command.feed_id));
  for (const Channel& channel : channels) {
    if (channel.channel_id == command.channel_id) {
      return error::FeedChannelExists(command.feed_id, command.channel_id);
    }
  }
  return channels.size() < limits::kMaxFeedChannels
             ? absl::OkStatus()
             : error::FeedChannelLimit(command.feed_id,
                                       limits::kMaxFeedChannels);
}

absl::StatusOr<AddedFeedChannel> Add(Transaction& transaction,
                                     const Scope& scope,
                                     const FeedPolicy& policy,
                                     const AddFeedChannelCommand& command) {
  ASSIGN_OR_RETURN(
      const auto feed,
      storage::LockFeed(transaction, scope, command.feed_id, FeedLock::kAlone));
  if (!feed.has_value()) return error::FeedNotFound(command.feed_id);
  if (feed->state == storage::FeedState::kClosed) {
    return error::FeedClosed(command.feed_id);
  }
  ASSIGN_OR_RETURN(
      const auto channel,
      storage::FindChannel(transaction, scope, command.channel_id));
  if (!channel.has_value() || channel->client_id != feed->client_id) {
    return error::ChannelNotFound(command.channel_id);
  }
  RETURN_IF_ERROR(CheckRoom(transaction, scope, command));
  ASSIGN_OR_RETURN(
      const int64_t open,
      storage::CountOpenPosts(transaction, scope, command.feed_id, 1));
  const bool fills = open > 0 && command.fill.value_or(Tracks(*feed, policy));
  if (fills) {
    RETURN_IF_ERROR(CheckPlannable(transaction, *feed, *channel, policy));
  }
  const auto added =
      storage::AddFeedChannels(transaction, *feed, {command.channel_id});
  RETURN_IF_ERROR(storage::AgainIfCollected(added.status()));
  if (*added == 0) return storage::RunAgain();
  AddedFeedChannel done{.client_id = feed->client_id};
  ASSIGN_OR_RETURN(
      done.feed_channel,
      FindFeedChannel(transaction, scope, command.feed_id, command.channel_id));
  if (!done.feed_channel.has_value()) return storage::RunAgain();
  if (!fills) return done;
  ASSIGN_OR_RETURN(done.operation,
                   StartPlan(transaction, scope, *feed, command.channel_id,
                             PlanKind::kFill, command.operation_id));
  return done;
}

absl::StatusOr<RemovedFeedChannel> Remove(
    Transaction& transaction, const Scope& scope, const FeedPolicy& policy,
    const RemoveFeedChannelCommand& command) {
  RemovedFeedChannel done{.feed_id = command.feed_id,
                          .channel_id = command.channel_id};
  ASSIGN_OR_RETURN(
      const auto feed,
      storage::LockFeed(transaction, scope, command.feed_id, FeedLock::kAlone));
  if (!feed.has_value()) return error::FeedNotFound(command.feed_id);
  done.client_id = feed->client_id;
  ASSIGN_OR_RETURN(const bool removed, storage::RemoveFeedChannel(
                                           transaction, scope, command.feed_id,
                                           command.channel_id));
  if (!removed) {
    if (command.allow_missing) return done;
    return error::FeedChannelNotFound(command.feed_id, command.channel_id);
  }
  done.feed_channel_count = 1;
  if (!command.clear) return done;
  ASSIGN_OR_RETURN(
      const auto channel,
      storage::FindChannel(transaction, scope, command.channel_id));
  if (!channel.has_value()) return storage::RunAgain();
  RETURN_IF_ERROR(CheckPlannable(transaction, *feed, *channel, policy));
  ASSIGN_OR_RETURN(done.operation,
                   StartPlan(transaction, scope, *feed, command.channel_id,
                             PlanKind::kClear, command.operation_id));
  return done;
}

std::string OperationIdOf(const std::optional<Operation>& operation) {
  return operation.has_value() ? operation->operation_id : std::string();
}

absl::StatusOr<std::optional<Operation>> OperationAgain(
    Transaction& transaction, const Scope& scope, const std::string& id) {
  if (id.empty()) return std::nullopt;
  return storage::FindOperation(transaction, scope, id);
}

}  // namespace

absl::StatusOr<AddedFeedChannel> AddFeedChannel(
    Transaction& transaction, const Scope& scope,
    const storage::RequestKey& request, const FeedPolicy& policy,
    const AddFeedChannelCommand& command) {
  return storage::Once(
      transaction, request,
      [&] { return Add(transaction, scope, policy, command); },
      [](const AddedFeedChannel& done) {
        return OperationIdOf(done.operation);
      },
      [&](const std::string& id) -> absl::StatusOr<AddedFeedChannel> {
        AddedFeedChannel done;
        ASSIGN_OR_RETURN(done.feed_channel,
                         FindFeedChannel(transaction, scope, command.feed_id,
                                         command.channel_id));
        ASSIGN_OR_RETURN(done.operation,
                         OperationAgain(transaction, scope, id));
        return done;
      });
}

absl::StatusOr<RemovedFeedChannel> RemoveFeedChannel(
    Transaction& transaction, const Scope& scope,
    const storage::RequestKey& request, const FeedPolicy& policy,
    const RemoveFeedChannelCommand& command) {
  return storage::Once(
      transaction, request,
      [&] { return Remove(transaction, scope, policy, command); },
      [](const RemovedFeedChannel& done) {
        return storage::IdsToJson({done.feed_channel_count == 0 ? "0" : "1",
                                   OperationIdOf(done.operation)});
      },
      [&](const std::string& recorded) -> absl::StatusOr<RemovedFeedChannel> {
        ASSIGN_OR_RETURN(const auto values, storage::IdsFromJson(recorded));
        if (values.size() != 2) return error::Internal();
        RemovedFeedChannel done{.feed_id = command.feed_id,
                                .channel_id = command.channel_id,
                                .feed_channel_count = values[0] == "0" ? 0 : 1};
        ASSIGN_OR_RETURN(done.operation,
                         OperationAgain(transaction, scope, values[1]));
        return done;
      });
}

}  // namespace broadcast::feeds
