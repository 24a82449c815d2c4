// Operations between records and messages. Pure; any thread.
#ifndef BROADCASTD_RPC_CONVERT_OPERATION_H_
#define BROADCASTD_RPC_CONVERT_OPERATION_H_

#include "broadcast/v1/operation.pb.h"
#include "storage/delivery_records.h"

namespace broadcast::rpc {

void OperationToProto(const storage::Operation& operation,
                      v1::Operation& proto);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CONVERT_OPERATION_H_
