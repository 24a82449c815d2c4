// Gives channel pairs that have no entry the one they lack, in bounded steps
// that commit one by one: a read finds the next pairs, a write gives them
// their entries. The transaction's thread.
//
//   BackfillFound found;
//   while (!found.done) {
//     read:   found = FindBackfill(read, scope, command, found.cursor)
//     write:  step = BackfillStep(write, scope, command, found.pairs, ids)
//     report.Add(step)
//   }
#ifndef BROADCASTD_ENTRIES_BACKFILL_ENTRIES_H_
#define BROADCASTD_ENTRIES_BACKFILL_ENTRIES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/scope.h"
#include "storage/transaction.h"
#include "storage/unconfigured_pairs.h"

namespace broadcast::entries {

struct BackfillCommand {
  // Whose pairs: one pair's, one client's, or with neither all in scope.
  std::optional<std::string> channel_pair_id;
  std::optional<std::string> client_id;

  absl::Duration interval;
  absl::Duration spread;       // of the first send times, from now
  bool validate_only = false;  // count, create nothing
};

struct BackfillFound {
  std::vector<std::string> pairs;             // up to limits::kChunkRows
  std::optional<storage::WalkCursor> cursor;  // where to go on
  bool done = false;                          // there is nothing to go on to
};

struct BackfillFailure {
  std::string channel_pair_id;
  std::string reason;
  std::string message;
};

// What one step did, or all of them.
struct BackfillReport {
  static constexpr size_t kMaxEntryIds = 1000;

  int64_t created = 0;
  int64_t skipped = 0;  // had an entry, or were gone, when their turn came
  int64_t failed = 0;
  std::vector<std::string> entry_ids;     // the first kMaxEntryIds
  std::vector<BackfillFailure> failures;  // the first limits::kMaxSampleIds
  std::vector<storage::PairIds> made;     // of one step; Add leaves it out

  int64_t found() const { return created + skipped + failed; }

  void Add(const BackfillReport& step);
};

// Finds the next pairs without an entry. A read (ReadKind::kScan) that
// examines a bounded number of pairs, so that it may find none and not be done.
// Returns NOT_FOUND CLIENT_NOT_FOUND or CHANNEL_PAIR_NOT_FOUND for what the
// command names and `scope` does not have.
absl::StatusOr<BackfillFound> FindBackfill(
    storage::Transaction& transaction, const storage::Scope& scope,
    const BackfillCommand& command,
    const std::optional<storage::WalkCursor>& cursor);

// Gives `pairs` their entries under `entry_ids`, one for each: active, pending,
// first due at a time that is spread evenly and by the pair's id alone. Does
// and tells the same if run again, even after a commit that nobody heard of.
// With `validate_only` it only counts, and may be a read.
absl::StatusOr<BackfillReport> BackfillStep(
    storage::Transaction& transaction, const storage::Scope& scope,
    const BackfillCommand& command, absl::Span<const std::string> pairs,
    absl::Span<const std::string> entry_ids);

// What to report of pairs whose step answered `error` and left no trace.
BackfillReport FailedBackfill(absl::Span<const std::string> pairs,
                              const absl::Status& error);

// Where in the spread a pair's entry is first due: in [0, spread).
absl::Duration SpreadOf(absl::string_view channel_pair_id,
                        absl::Duration spread);

}  // namespace broadcast::entries

#endif  // BROADCASTD_ENTRIES_BACKFILL_ENTRIES_H_
