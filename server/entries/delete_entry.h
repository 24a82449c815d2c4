// Deletes one entry; its channel pair stays, "not configured". The
// transaction's thread.
#ifndef BROADCASTD_ENTRIES_DELETE_ENTRY_H_
#define BROADCASTD_ENTRIES_DELETE_ENTRY_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "entries/change_entry.h"

namespace broadcast::entries {

struct DeleteEntryCommand {
  EntryKey key;
  bool allow_missing = false;
};

struct DeletedEntry {
  std::string entry_id;  // as the command names it
  // Unset if there was no entry, or in a replay if the pair is gone too.
  std::optional<storage::ChannelPair> pair;
  int64_t entry_count = 0;
  bool replayed = false;
};

// Returns NOT_FOUND ENTRY_NOT_FOUND unless `allow_missing`, ABORTED
// ETAG_MISMATCH, and what Once returns.
absl::StatusOr<DeletedEntry> DeleteEntry(storage::Transaction& transaction,
                                         const storage::Scope& scope,
                                         const storage::RequestKey& request,
                                         const DeleteEntryCommand& command);

}  // namespace broadcast::entries

#endif  // BROADCASTD_ENTRIES_DELETE_ENTRY_H_
