#include "rpc/convert/audit_event.h"

#include <google/protobuf/util/json_util.h>

#include "rpc/convert/time.h"

namespace broadcast::rpc {

void AuditEventToProto(const storage::AuditEvent& event,
                       v1::AuditEvent& proto) {
  proto.set_audit_event_id(event.audit_event_id);
  *proto.mutable_create_time() = TimeToProto(event.create_time);
  proto.set_principal(event.principal);
  proto.set_client_id(event.client_id.value_or(""));
  proto.set_method(event.method);
  proto.set_event(event.event);
  proto.set_peer(event.peer);
  proto.set_request_id(event.request_id);
  proto.set_outcome(event.outcome);
  // Whatever is stored: what cannot be read is told as no ids.
  if (!google::protobuf::util::JsonStringToMessage(event.resources,
                                                   proto.mutable_resources())
           .ok()) {
    proto.mutable_resources()->Clear();
  }
  proto.set_row_count(static_cast<int32_t>(event.row_count));
}

}  // namespace broadcast::rpc
