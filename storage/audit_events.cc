#include "storage/audit_events.h"

#include <vector>

#include "base/status_macros.h"

namespace broadcast::storage {
namespace {

const InsertInto kInsert("audit_events", {{"audit_event_id", "uuid"},
                                          {"create_time", "bigint"},
                                          {"principal", "text"},
                                          {"client_id", "uuid"},
                                          {"method", "text"},
                                          {"event", "text"},
                                          {"peer", "text"},
                                          {"request_id", "text"},
                                          {"outcome", "text"},
                                          {"resources", "text"},
                                          {"row_count", "bigint"}});

}  // namespace

absl::Status RecordAuditEvent(Transaction& transaction,
                              const AuditEvent& event) {
  return RecordAuditEvents(transaction, absl::MakeSpan(&event, 1));
}

absl::Status RecordAuditEvents(Transaction& transaction,
                               absl::Span<const AuditEvent> events) {
  std::vector<ValueRow> rows;
  rows.reserve(events.size());
  for (const AuditEvent& event : events) {
    rows.push_back({event.audit_event_id, transaction.now(), event.principal,
                    event.client_id, event.method, event.event, event.peer,
                    event.request_id, event.outcome, event.resources,
                    event.row_count});
  }
  return transaction.InsertRows(kInsert, rows).status();
}

}  // namespace broadcast::storage
