#include "sync/sync_whole_feed.h"

#include <utility>

#include "base/errors.h"
#include "base/status_macros.h"
#include "storage/feeds.h"
#include "sync/start_sync.h"

namespace broadcast::sync {

using storage::Scope;

absl::StatusOr<std::optional<storage::Operation>> SyncWholeFeed(
    storage::Transaction& transaction, const feeds::FeedPolicy& policy,
    const std::string& client_id, const std::string& feed_name,
    const std::string& operation_id) {
  const Scope scope = Scope::AllClients();
  ASSIGN_OR_RETURN(
      const auto feed,
      storage::FindFeedByName(transaction, scope, client_id, feed_name));
  if (!feed.has_value()) return error::FeedNotFound(feed_name);
  if (!feeds::Tracks(*feed, policy)) {
    return error::TrackingDisabled(feed->feed_id);
  }
  ASSIGN_OR_RETURN(const auto channels, storage::ReadFeedChannels(
                                            transaction, scope, feed->feed_id));
  WholePlan plan{.as_of = transaction.now()};
  for (const storage::Channel& channel : channels) {
    if (!feeds::IsReachable(channel, policy)) continue;
    plan.channels.push_back({channel.channel_id, channel.client_id});
  }
  ASSIGN_OR_RETURN(StartedSync started, StartSync(transaction, scope, {},
                                                  {.operation_id = operation_id,
                                                   .feed_id = feed->feed_id},
                                                  plan));
  return std::move(started.operation);
}

}  // namespace broadcast::sync
