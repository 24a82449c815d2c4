// Deletes what is kept for a time only: request ids that have expired, contents
// that nothing refers to any more, and audit events of long ago. Bounded steps;
// several replicas may run them at once. Errors of the database come as
// sql_error.h makes them. Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_RETENTION_H_
#define BROADCASTD_STORAGE_RETENTION_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// A content this young is kept even if nothing refers to it.
inline constexpr absl::Duration kContentGrace = absl::Hours(1);

// Deletes up to `most` request ids, those that expired first before others.
// Answers how many went; fewer than `most` means that no more are due.
absl::StatusOr<int64_t> DeleteExpiredRequestIds(Transaction& transaction,
                                                int64_t most);

// Deletes up to `most` audit events from before `before`, the oldest first.
// Answers how many went; fewer than `most` means that no more are due. None
// goes that is younger than half of limits::kMinAuditRetention by the
// database's own clock: then this fails as a constraint does.
absl::StatusOr<int64_t> DeleteExpiredAuditEvents(Transaction& transaction,
                                                 absl::Time before,
                                                 int64_t most);

// One step of the walk over all contents by their key.
struct ContentSweep {
  int64_t examined = 0;
  int64_t collected = 0;
  std::string cursor;  // where the next step goes on; empty: from the start
};

// Examines up to `most` contents after `cursor` and deletes those that no
// entry, client, delivery, message, post or feed refers to and that are older
// than kContentGrace.
absl::StatusOr<ContentSweep> CollectContents(Transaction& transaction,
                                             const std::string& cursor,
                                             int64_t most);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_RETENTION_H_
