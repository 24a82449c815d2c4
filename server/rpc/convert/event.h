// Events between records and messages. Pure; any thread.
#ifndef BROADCASTD_RPC_CONVERT_EVENT_H_
#define BROADCASTD_RPC_CONVERT_EVENT_H_

#include "broadcast/v1/event.pb.h"
#include "storage/delivery_records.h"

namespace broadcast::rpc {

void EventToProto(const storage::Event& event, v1::Event& proto);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CONVERT_EVENT_H_
