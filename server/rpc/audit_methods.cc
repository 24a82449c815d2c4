#include "rpc/audit_methods.h"

#include "rpc/convert/audit_event.h"
#include "rpc/convert/mask.h"

namespace broadcast::rpc {

absl::StatusOr<storage::ListPlan> ListAuditEventsMethod::Parse(
    const Request& request, const storage::Scope& scope) {
  return storage::PlanAuditEventList(ListFromProto(request), scope);
}

absl::StatusOr<storage::Page<storage::AuditEvent>> ListAuditEventsMethod::Load(
    storage::Transaction& transaction, const storage::Scope&,
    const Command& plan) {
  return storage::ListAuditEvents(transaction, plan);
}

void ListAuditEventsMethod::Answer(const Result& page, const Policy&,
                                   Response& response) {
  for (const storage::AuditEvent& event : page.rows) {
    AuditEventToProto(event, *response.add_audit_events());
  }
  response.set_next_page_token(page.next_page_token);
}

}  // namespace broadcast::rpc
