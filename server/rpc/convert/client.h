// Clients between records and messages. Pure; any thread.
#ifndef BROADCASTD_RPC_CONVERT_CLIENT_H_
#define BROADCASTD_RPC_CONVERT_CLIENT_H_

#include "broadcast/v1/client.pb.h"
#include "storage/records.h"

namespace broadcast::rpc {

void ClientToProto(const storage::Client& client, v1::Client& proto);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CONVERT_CLIENT_H_
