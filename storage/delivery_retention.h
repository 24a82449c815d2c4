// Lets finished operations, results and events go, in small steps. Errors of
// the database come as sql_error.h makes them. Used within one transaction, by
// its thread.
#ifndef BROADCASTD_STORAGE_DELIVERY_RETENTION_H_
#define BROADCASTD_STORAGE_DELIVERY_RETENTION_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Each answers how many rows went, at most `most`; call again while that many.

// Deliveries whose result is older than `before` and whose operation is
// finished; unknown ones stay until they are settled. Operations keep counts.
absl::StatusOr<int64_t> DeleteExpiredDeliveries(Transaction& transaction,
                                                absl::Time before,
                                                int64_t most);
// Operations that finished before `before`, with what is left of them.
absl::StatusOr<int64_t> DeleteExpiredOperations(Transaction& transaction,
                                                absl::Time before,
                                                int64_t most);
absl::StatusOr<int64_t> DeleteExpiredEvents(Transaction& transaction,
                                            absl::Time before, int64_t most);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_DELIVERY_RETENTION_H_
