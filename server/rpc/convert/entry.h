// Entries between records and messages. Pure; any thread.
#ifndef BROADCASTD_RPC_CONVERT_ENTRY_H_
#define BROADCASTD_RPC_CONVERT_ENTRY_H_

#include "broadcast/v1/entry.pb.h"
#include "rpc/policy.h"
#include "storage/records.h"

namespace broadcast::rpc {

// `policy` tells whether the server has default content.
void EntryToProto(const storage::Entry& entry, const Policy& policy,
                  v1::Entry& proto);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CONVERT_ENTRY_H_
