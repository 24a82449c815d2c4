// The counters of an entry that its broadcasts move. Private to storage. Errors
// of the database come as sql_error.h makes them. Used within one transaction,
// by its thread.
#ifndef BROADCASTD_STORAGE_ENTRY_COUNTERS_H_
#define BROADCASTD_STORAGE_ENTRY_COUNTERS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/records.h"
#include "storage/transaction.h"

namespace broadcast::storage {

struct EntryCounters {
  std::string entry_id;
  std::string client_id;
  EntryState state = EntryState::kActive;
  std::string state_reason;
  Outcome last_outcome = Outcome::kPending;
  std::optional<std::string> current_operation_id;
  int64_t broadcast_count = 0;
  int64_t success_count = 0;
  int64_t partial_count = 0;
  int64_t failure_count = 0;
  int64_t consecutive_failure_count = 0;
  std::string last_error;
  std::optional<absl::Time> last_error_time;
  int64_t revision = 0;
  absl::Time update_time;
};

// Locks entries, and adds those that are there.
absl::Status LockEntryCounters(Transaction& transaction,
                               const std::set<std::string>& entry_ids,
                               std::map<std::string, EntryCounters>* entries);

// Writes what was locked.
absl::Status WriteEntryCounters(Transaction& transaction,
                                absl::Span<const EntryCounters* const> entries);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_ENTRY_COUNTERS_H_
