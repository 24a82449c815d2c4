// Changes one entry: its schedule, content and labels, and whether it is
// active. The transaction's thread.
#ifndef BROADCASTD_ENTRIES_CHANGE_ENTRY_H_
#define BROADCASTD_ENTRIES_CHANGE_ENTRY_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::entries {

struct EntryKey {
  std::string entry_id;
  std::string etag;  // empty: any
};

// What is unset stays as it is; content without an id clears.
struct UpdateEntryCommand {
  EntryKey key;
  std::optional<absl::Duration> interval;
  std::optional<absl::Time> next_send_time;
  std::optional<storage::StoredContent> open_content;
  std::optional<storage::StoredContent> closed_content;
  std::optional<bool> replace_previous;
  std::optional<std::string> labels;
};

struct PauseEntryCommand {
  EntryKey key;
  std::string reason;
};

struct ChangedEntry {
  std::optional<storage::Entry> entry;  // unset in a replay: deleted since
  bool replayed = false;
};

// Each returns NOT_FOUND ENTRY_NOT_FOUND, ABORTED ETAG_MISMATCH, and what Once
// returns. Besides, FAILED_PRECONDITION:

absl::StatusOr<ChangedEntry> UpdateEntry(storage::Transaction& transaction,
                                         const storage::Scope& scope,
                                         const storage::RequestKey& request,
                                         const UpdateEntryCommand& command);

// ENTRY_NOT_ACTIVE.
absl::StatusOr<ChangedEntry> PauseEntry(storage::Transaction& transaction,
                                        const storage::Scope& scope,
                                        const storage::RequestKey& request,
                                        const PauseEntryCommand& command);

// ENTRY_ALREADY_ACTIVE. An overdue next_send_time moves on by whole intervals.
absl::StatusOr<ChangedEntry> ResumeEntry(storage::Transaction& transaction,
                                         const storage::Scope& scope,
                                         const storage::RequestKey& request,
                                         const EntryKey& key);

// The first of `due`, `due + interval`, `due + 2 * interval`, … that is not
// before `now`.
absl::Time NextInPhase(absl::Time due, absl::Duration interval, absl::Time now);

}  // namespace broadcast::entries

#endif  // BROADCASTD_ENTRIES_CHANGE_ENTRY_H_
