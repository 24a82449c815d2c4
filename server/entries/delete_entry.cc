#include "entries/delete_entry.h"

#include <utility>

#include "base/errors.h"
#include "base/etag.h"
#include "base/status_macros.h"
#include "storage/channel_pairs.h"
#include "storage/entries.h"
#include "storage/once.h"
#include "storage/sql_error.h"

namespace broadcast::entries {
namespace {

using storage::Scope;
using storage::Transaction;

absl::StatusOr<DeletedEntry> Decide(Transaction& transaction,
                                    const Scope& scope,
                                    const DeleteEntryCommand& command) {
  ASSIGN_OR_RETURN(
      auto entry, storage::FindEntry(transaction, scope, command.key.entry_id));
  if (!entry.has_value()) {
    if (command.allow_missing) {
      return DeletedEntry{.entry_id = command.key.entry_id};
    }
    return error::EntryNotFound(command.key.entry_id);
  }
  if (!EtagAllows(command.key.etag, entry->revision)) {
    return error::EtagMismatch("entry", entry->entry_id,
                               EtagOf(entry->revision));
  }
  ASSIGN_OR_RETURN(const int64_t deleted,
                   storage::DeleteEntry(transaction, scope, entry->entry_id));
  if (deleted == 0) return storage::RunAgain();
  return DeletedEntry{.entry_id = command.key.entry_id,
                      .pair = std::move(entry->channel_pair),
                      .entry_count = deleted};
}

}  // namespace

absl::StatusOr<DeletedEntry> DeleteEntry(Transaction& transaction,
                                         const Scope& scope,
                                         const storage::RequestKey& request,
                                         const DeleteEntryCommand& command) {
  return storage::Once(
      transaction, request, [&] { return Decide(transaction, scope, command); },
      [](const DeletedEntry& deleted) {
        return deleted.pair.has_value() ? deleted.pair->channel_pair_id
                                        : std::string();
      },
      [&](const std::string& pair_id) -> absl::StatusOr<DeletedEntry> {
        DeletedEntry deleted{.entry_id = command.key.entry_id};
        if (pair_id.empty()) return deleted;
        deleted.entry_count = 1;
        ASSIGN_OR_RETURN(auto found,
                         storage::FindPair(transaction, scope, pair_id));
        if (found.has_value()) deleted.pair = std::move(found->channel_pair);
        return deleted;
      });
}

}  // namespace broadcast::entries
