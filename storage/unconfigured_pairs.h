// Channel pairs and whether they have an entry: walks over all of them, and
// gives an entry to one that has none. Errors of the database come as
// sql_error.h makes them. Used within one transaction, by its thread.
#ifndef BROADCASTD_STORAGE_UNCONFIGURED_PAIRS_H_
#define BROADCASTD_STORAGE_UNCONFIGURED_PAIRS_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// A place in a walk by client, creation and id: what was examined last.
struct WalkCursor {
  static constexpr int64_t kBeforeAll = std::numeric_limits<int64_t>::min();

  std::string client_id;
  int64_t create_time = kBeforeAll;  // microseconds since 1970
  std::string id;

  // Before everything in `scope`.
  static WalkCursor At(const Scope& scope);
};

// The last client of `scope` that a walk may come to.
std::string LastClient(const Scope& scope);

struct WalkedPair {
  WalkCursor place;     // with the pair's id
  bool hidden = false;  // its client is being deleted
  bool has_entry = false;
};

// The pairs in `scope` after `cursor`, in the order of the walk, at most
// limits::kMaxRowsExaminedPerPage; fewer at the end.
absl::StatusOr<std::vector<WalkedPair>> WalkPairs(Transaction& transaction,
                                                  const Scope& scope,
                                                  const WalkCursor& cursor);

// Channel pairs without an entry, for metrics: those of clients that are being
// deleted too. Counts two tables by an index, as an entry has one pair.
absl::StatusOr<int64_t> CountUnconfiguredPairs(Transaction& transaction);

// Inserts `entry` as the entry of its pair and of the pair's client. Answers
// the same if it did so before. Nothing if the pair has another entry already,
// has gone, is being deleted or is not in `scope`. Of the pair only the id is
// read; the entry is new: no counts, no content.
absl::StatusOr<std::optional<PairIds>> ConfigurePair(Transaction& transaction,
                                                     const Scope& scope,
                                                     const Entry& entry);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_UNCONFIGURED_PAIRS_H_
