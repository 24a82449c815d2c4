#include "rpc/convert/feed.h"

#include "base/etag.h"
#include "rpc/convert/channel.h"
#include "rpc/convert/content.h"
#include "rpc/convert/time.h"

namespace broadcast::rpc {

void FeedToProto(const storage::Feed& feed, const Policy& policy,
                 v1::Feed& proto) {
  proto.set_feed_id(feed.feed_id);
  proto.set_client_id(feed.client_id);
  proto.set_name(feed.name);
  proto.set_display_name(feed.display_name);
  proto.set_state(feed.state == storage::FeedState::kOpen
                      ? v1::Feed::STATE_OPEN
                      : v1::Feed::STATE_CLOSED);
  if (feed.tracking.has_value()) proto.set_tracking(*feed.tracking);
  proto.set_tracked(feed.tracking.value_or(policy.default_tracking));
  if (feed.tombstone_content.body.has_value()) {
    StoredContentToProto(feed.tombstone_content,
                         *proto.mutable_tombstone_content());
  }
  LabelsToProto(feed.labels, *proto.mutable_labels());
  *proto.mutable_create_time() = TimeToProto(feed.create_time);
  *proto.mutable_update_time() = TimeToProto(feed.update_time);
  proto.set_etag(EtagOf(feed.revision));
}

void FeedChannelToProto(const storage::FeedChannel& feed_channel,
                        v1::FeedChannel& proto) {
  proto.set_feed_id(feed_channel.feed_id);
  ChannelToProto(feed_channel.channel, *proto.mutable_channel());
  *proto.mutable_create_time() = TimeToProto(feed_channel.create_time);
}

}  // namespace broadcast::rpc
