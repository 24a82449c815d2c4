// Deliveries and their tries between records and messages. Pure; any thread.
#ifndef BROADCASTD_RPC_CONVERT_DELIVERY_H_
#define BROADCASTD_RPC_CONVERT_DELIVERY_H_

#include "broadcast/v1/channel_pair.pb.h"
#include "broadcast/v1/delivery.pb.h"
#include "storage/delivery_records.h"

namespace broadcast::rpc {

v1::Side SideToProto(storage::Side side);

// kNone for what is neither side.
storage::Side SideFromProto(v1::Side side);

void DeliveryToProto(const storage::Delivery& delivery, v1::Delivery& proto);
void AttemptToProto(const storage::DeliveryAttempt& attempt,
                    v1::DeliveryAttempt& proto);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CONVERT_DELIVERY_H_
