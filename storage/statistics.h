// Sums over entries, operations and deliveries, for GetStatistics. Errors of
// the database come as sql_error.h makes them. Used within one transaction, by
// its thread.
#ifndef BROADCASTD_STORAGE_STATISTICS_H_
#define BROADCASTD_STORAGE_STATISTICS_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

struct Statistics {
  int64_t entries = 0;
  int64_t active_entries = 0;
  int64_t paused_entries = 0;
  int64_t disabled_entries = 0;
  int64_t broadcasts = 0;
  int64_t successes = 0;
  int64_t partial = 0;
  int64_t failures = 0;
  int64_t manual_triggers = 0;
  int64_t pairs_without_entry = 0;
  int64_t waiting_deliveries = 0;
  int64_t sending_deliveries = 0;
  int64_t unknown_deliveries = 0;
};

// Reads every entry in scope.
absl::StatusOr<Statistics> ReadStatistics(Transaction& transaction,
                                          const Scope& scope);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_STATISTICS_H_
