// Audit events between records and messages. Pure; any thread.
#ifndef BROADCASTD_RPC_CONVERT_AUDIT_EVENT_H_
#define BROADCASTD_RPC_CONVERT_AUDIT_EVENT_H_

#include "broadcast/v1/audit_event.pb.h"
#include "storage/records.h"

namespace broadcast::rpc {

void AuditEventToProto(const storage::AuditEvent& event, v1::AuditEvent& proto);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CONVERT_AUDIT_EVENT_H_
