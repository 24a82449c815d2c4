// Registers channel pairs together with their entries: all of them in the
// caller's transaction, or none. CreateEntry and BatchCreateEntries. The
// transaction's thread.
#ifndef BROADCASTD_ENTRIES_CREATE_ENTRIES_H_
#define BROADCASTD_ENTRIES_CREATE_ENTRIES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "channels/register_pairs.h"
#include "storage/records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::entries {

struct EntrySpec {
  channels::PairSpec pair;
  std::string new_entry_id;
  absl::Duration interval;
  std::optional<absl::Time> start_time;  // unset or past: now
  storage::StoredContent open_content;
  storage::StoredContent closed_content;
  bool replace_previous = false;
  std::string labels = "{}";
};

struct CreatedEntry {
  // All unset in a replay whose entry was deleted since.
  std::optional<storage::Client> client;
  std::optional<storage::Entry> entry;
  bool client_is_new = false;  // registered with the entry
  bool replayed = false;
};

struct CreatedEntries {
  std::vector<storage::Entry> entries;   // in the order of the specs
  std::vector<std::string> new_clients;  // registered with their entries
  bool replayed = false;
};

// Returns ALREADY_EXISTS CHANNEL_PAIR_EXISTS if the pair has an entry, what
// RegisterPairs returns, and what Once returns. `audit` is recorded where the
// registration is one statement (Mode::kSingle), which makes all that `spec`
// has new ids for; else that is the caller's to do.
absl::StatusOr<CreatedEntry> CreateEntry(
    storage::Transaction& transaction, const storage::Scope& scope,
    const storage::RequestKey& key, const channels::RegistrationPolicy& policy,
    const EntrySpec& spec, const storage::AuditEvent& audit);

// The same for each of `specs`; each error tells its `request_index`.
absl::StatusOr<CreatedEntries> CreateEntries(
    storage::Transaction& transaction, const storage::Scope& scope,
    const storage::RequestKey& key, const channels::RegistrationPolicy& policy,
    absl::Span<const EntrySpec> specs);

}  // namespace broadcast::entries

#endif  // BROADCASTD_ENTRIES_CREATE_ENTRIES_H_
