#include "rpc/audit_methods.h"

#include "base/status_macros.h"
#include "rpc/convert/audit_event.h"
#include "rpc/convert/mask.h"

namespace broadcast::rpc {

absl::StatusOr<storage::ListPlan> ListAuditEventsMethod::Parse(
    const Request& request, const storage::Scope& scope) {
  return storage::PlanAuditEventList(ListFromProto(request), scope);
}

absl::StatusOr<storage::Page<storage::AuditEvent>> ListAuditEventsMethod::Load(
    storage::Transaction& transaction, const storage::Scope& scope,
    const Command& plan) {
  ASSIGN_OR_RETURN(auto page, storage::ListAuditEvents(transaction, plan));
  // Where operators call from is no client's to know.
  if (scope.client_id().has_value()) {
    for (storage::AuditEvent& event : page.rows) event.peer.clear();
  }
  return page;
}

void ListAuditEventsMethod::Answer(const Result& page, const Policy&,
                                   Response& response) {
  for (const storage::AuditEvent& event : page.rows) {
    AuditEventToProto(event, *response.add_audit_events());
  }
  response.set_next_page_token(page.next_page_token);
}

}  // namespace broadcast::rpc
