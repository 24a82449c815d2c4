#include "feeds/retract_messages.h"

#include <map>
#include <utility>

#include "base/status_macros.h"
#include "feeds/post_deliveries.h"
#include "storage/channels.h"
#include "storage/contents.h"
#include "storage/messages.h"

namespace broadcast::feeds {
namespace {

using storage::Channel;
using storage::NewDelivery;
using storage::Scope;
using storage::Transaction;

using Channels = std::map<std::string, std::optional<Channel>>;

// The channel, looked up once. Null if it is gone.
absl::StatusOr<const Channel*> ChannelOf(Transaction& transaction,
                                         const Scope& scope,
                                         const std::string& channel_id,
                                         Channels& channels) {
  const auto [place, is_new] = channels.try_emplace(channel_id);
  if (is_new) {
    ASSIGN_OR_RETURN(place->second,
                     storage::FindChannel(transaction, scope, channel_id));
  }
  return place->second.has_value() ? &*place->second : nullptr;
}

}  // namespace

absl::StatusOr<std::optional<storage::Operation>> RetractMessages(
    Transaction& transaction, const Scope& scope, const FeedPolicy& policy,
    const storage::Feed& feed, const std::vector<std::string>& post_ids,
    const std::string& operation_id, storage::OperationKind kind) {
  if (!Tracks(feed, policy)) return std::nullopt;
  ASSIGN_OR_RETURN(
      const auto messages,
      storage::PresentMessages(transaction, scope, feed.feed_id, post_ids));
  const absl::Time now = transaction.now();
  const storage::StoredContent tombstone = TombstoneOf(feed);
  Channels channels;
  std::vector<NewDelivery> deliveries;
  bool needs_tombstone = false;
  for (const storage::Message& message : messages) {
    ASSIGN_OR_RETURN(
        const Channel* channel,
        ChannelOf(transaction, scope, message.channel_id, channels));
    if (channel == nullptr || !IsReachable(*channel, policy)) continue;
    const Retraction how = RetractionOf(message, channel->platform, now);
    if (how == Retraction::kNone) continue;
    needs_tombstone = needs_tombstone || how == Retraction::kTombstone;
    deliveries.push_back(
        RetractOf(message, how, tombstone.content_id, *channel, policy, now));
  }
  if (needs_tombstone) {
    RETURN_IF_ERROR(storage::StoreContents(transaction, {&tombstone}));
  }
  return InsertPostOperation(transaction, scope, feed, operation_id,
                             std::move(deliveries), kind);
}

}  // namespace broadcast::feeds
