// Feeds and their channels between records and messages. Pure; any thread.
#ifndef BROADCASTD_RPC_CONVERT_FEED_H_
#define BROADCASTD_RPC_CONVERT_FEED_H_

#include "broadcast/v1/feed.pb.h"
#include "rpc/policy.h"
#include "storage/feed_records.h"

namespace broadcast::rpc {

// `policy` tells whether the server remembers messages by itself.
void FeedToProto(const storage::Feed& feed, const Policy& policy,
                 v1::Feed& proto);

void FeedChannelToProto(const storage::FeedChannel& feed_channel,
                        v1::FeedChannel& proto);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CONVERT_FEED_H_
