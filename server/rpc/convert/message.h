// What was posted, between records and messages. Pure; any thread.
#ifndef BROADCASTD_RPC_CONVERT_MESSAGE_H_
#define BROADCASTD_RPC_CONVERT_MESSAGE_H_

#include "broadcast/v1/message.pb.h"
#include "storage/feed_records.h"

namespace broadcast::rpc {

void MessageToProto(const storage::Message& message, v1::Message& proto);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CONVERT_MESSAGE_H_
