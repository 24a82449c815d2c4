// The lanes that outcomes pause, because their accounts are limited or refused.
// Private to storage. Errors of the database come as sql_error.h makes them.
// Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_LANE_PAUSES_H_
#define BROADCASTD_STORAGE_LANE_PAUSES_H_

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "storage/outcomes.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Pauses each lane for as long as the longest of its outcomes says; a stale one
// says nothing.
absl::Status PauseLanesOf(Transaction& transaction,
                          absl::Span<const OutcomeRecord> outcomes);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_LANE_PAUSES_H_
