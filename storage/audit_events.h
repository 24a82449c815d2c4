// The audit trail: a row for each mutation that was made, in its transaction,
// and for each that was refused. Rows are only added (triggers see to that);
// retention.h alone takes them away, once they are old. Errors of the database
// come as sql_error.h makes them. Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_AUDIT_EVENTS_H_
#define BROADCASTD_STORAGE_AUDIT_EVENTS_H_

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "storage/records.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Records `event` at the transaction's time; its own create_time is not used.
absl::Status RecordAuditEvent(Transaction& transaction,
                              const AuditEvent& event);

// The same for several, in one statement where that can be.
absl::Status RecordAuditEvents(Transaction& transaction,
                               absl::Span<const AuditEvent> events);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_AUDIT_EVENTS_H_
