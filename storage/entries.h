// The table of entries. Errors of the database come as sql_error.h makes them.
// Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_ENTRIES_H_
#define BROADCASTD_STORAGE_ENTRIES_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Nothing if there is none in `scope`.
absl::StatusOr<std::optional<Entry>> FindEntry(Transaction& transaction,
                                               const Scope& scope,
                                               const std::string& entry_id);

// Inserts all; ALREADY_EXISTS-like errors of the database mean that a pair has
// an entry. Of the pairs and contents only the ids are read; they exist.
absl::Status InsertEntries(Transaction& transaction, const Scope& scope,
                           absl::Span<const Entry* const> entries);

// Writes state, state_reason, interval, next_send_time, contents, labels,
// consecutive_failure_count, replace_previous, revision and update_time, if the
// row still has the revision before. Answers whether it had.
absl::StatusOr<bool> UpdateEntry(Transaction& transaction, const Scope& scope,
                                 const Entry& entry);

// How many went: one, or none if there is none in `scope`.
absl::StatusOr<int64_t> DeleteEntry(Transaction& transaction,
                                    const Scope& scope,
                                    const std::string& entry_id);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_ENTRIES_H_
