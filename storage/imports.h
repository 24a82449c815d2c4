// The table of imports: streams of posts into a feed that may be gone on with,
// and the marks that say which posts one has contained. Errors of the database
// come as sql_error.h makes them. Used within one transaction, by its thread.
//
// Rows are locked in the order imports, feeds, posts.
#ifndef BROADCASTD_STORAGE_IMPORTS_H_
#define BROADCASTD_STORAGE_IMPORTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Stored as text, as those of feed_records.h.
enum class ImportMode {
  kMerge,     // what it does not contain stays
  kSnapshot,  // what it does not contain is closed at its end
};
enum class ImportState {
  kRunning,    // it takes posts
  kClosing,    // it has all posts, and closes what it did not contain
  kComplete,   // it has ended well
  kAbandoned,  // another import was begun in its stead
};

absl::string_view ToText(ImportMode value);
absl::string_view ToText(ImportState value);
bool FromText(absl::string_view text, ImportMode* out);
bool FromText(absl::string_view text, ImportState* out);

struct ImportCounts {
  int64_t received = 0;  // the sum of the next four
  int64_t created = 0;
  int64_t updated = 0;
  int64_t unchanged = 0;
  int64_t reopened = 0;
  int64_t closed = 0;
};

struct Import {
  std::string import_id;
  std::string feed_id;
  std::string client_id;
  ImportMode mode = ImportMode::kMerge;
  bool validate_only = false;  // it counts, and changes nothing but marks
  ImportState state = ImportState::kRunning;
  int64_t generation = 1;    // of its callers; only the newest goes on with it
  std::string close_cursor;  // kClosing: the last post that was looked at
  ImportCounts counts;
  absl::Time create_time;  // set when it is inserted, as is the next
  absl::Time update_time;
};

inline bool IsUnfinished(ImportState state) {
  return state == ImportState::kRunning || state == ImportState::kClosing;
}

// Inserts it with the transaction's time. Asks for another run if its feed has
// an unfinished one by now.
absl::Status InsertImport(Transaction& transaction, const Scope& scope,
                          const Import& import);

// Nothing if there is none in `scope`; else nobody else changes it until the
// transaction ends (PostgreSQL locks its row).
absl::StatusOr<std::optional<Import>> LockImport(Transaction& transaction,
                                                 const Scope& scope,
                                                 const std::string& import_id);

// Likewise the unfinished one of a feed, of which there is one at most.
absl::StatusOr<std::optional<Import>> LockUnfinishedImport(
    Transaction& transaction, const Scope& scope, const std::string& feed_id);

// Writes state, generation, close_cursor and counts of a locked import, and the
// transaction's time as its update_time.
absl::Status StoreImport(Transaction& transaction, const Import& import);

// Deletes up to `most` finished imports of the feed but for its `keep` newest
// imports. Answers how many.
absl::StatusOr<int64_t> DeleteOldImports(Transaction& transaction,
                                         const std::string& feed_id,
                                         int64_t keep, int64_t most);

// Notes that the import has contained these posts; who is not there is skipped.
absl::Status MarkPosts(Transaction& transaction, const Scope& scope,
                       const std::string& import_id,
                       const std::vector<std::string>& post_ids);

// An open post, as an import sees it.
struct MarkedPost {
  std::string post_id;
  // The import contained it, or it was changed since the import began.
  bool stays = false;
};

// Open posts of the import's feed after `after_post_id` (empty: from the
// first), in the order of their ids, at most `limit`; fewer at the end.
absl::StatusOr<std::vector<MarkedPost>> ReadMarkedPosts(
    Transaction& transaction, const Import& import,
    const std::string& after_post_id, int64_t limit);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_IMPORTS_H_
