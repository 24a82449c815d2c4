// Imports of posts into a feed: begun, fed step by step, and ended. Each
// function is one bounded transaction; what holds them together is the row of
// storage/imports.h. The transaction's thread.
#ifndef BROADCASTD_FEEDS_IMPORT_POSTS_H_
#define BROADCASTD_FEEDS_IMPORT_POSTS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "feeds/feed_policy.h"
#include "feeds/upsert_posts.h"
#include "storage/imports.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::feeds {

// Why posts are closed that an import did not contain: Post::close_reason.
inline constexpr char kNotImported[] = "not in the import";

struct OpenImportCommand {
  std::string feed_id;
  std::string import_id;  // to go on with; empty: a new one
  std::string new_id;     // of a new one
  storage::ImportMode mode = storage::ImportMode::kMerge;
  bool validate_only = false;
  bool replace_running = false;
};

struct OpenedImport {
  storage::Import import;
  bool replayed = false;  // it was begun before
};

// Begins an import, or goes on with one: whoever did so before may not any
// more. One that is complete is answered as it is. Returns NOT_FOUND
// FEED_NOT_FOUND or IMPORT_NOT_FOUND; INVALID_ARGUMENT INVALID_FIELDS for a
// mode that is not the import's; FAILED_PRECONDITION FEED_CLOSED, IMPORT_ENDED,
// or TRACKING_DISABLED for a snapshot; ABORTED IMPORT_RUNNING; and what Once
// returns.
absl::StatusOr<OpenedImport> OpenImport(storage::Transaction& transaction,
                                        const storage::Scope& scope,
                                        const storage::RequestKey& request,
                                        const FeedPolicy& policy,
                                        const OpenImportCommand& command);

// What a caller of an import last knew of it.
struct HeldImport {
  std::string import_id;
  int64_t generation = 0;
  int64_t received = 0;
};

struct ImportProgress {
  storage::Import import;
  bool sends = false;      // there are new deliveries
  bool expires = false;    // there are posts with an expiry
  bool completes = false;  // the import was not complete before
};

// Takes the first of `posts`, which are behind the `received` ones: as many as
// one transaction should, at most limits::kImportStep. If they were taken
// already, by a run whose COMMIT was not heard of, it only says so.
// Returns NOT_FOUND IMPORT_NOT_FOUND; FAILED_PRECONDITION IMPORT_ENDED; ABORTED
// IMPORT_RUNNING if another has gone on with it; and what UpsertPosts returns.
absl::StatusOr<ImportProgress> TakePosts(storage::Transaction& transaction,
                                         const storage::Scope& scope,
                                         const FeedPolicy& policy,
                                         const HeldImport& held,
                                         absl::Span<const PostSpec> posts);

// Counts what a snapshot would close, limits::kImportScan open posts at a time.
struct MissingCount {
  std::string cursor;
  int64_t missing = 0;
  bool done = false;
};
absl::StatusOr<MissingCount> CountMissing(storage::Transaction& read,
                                          const storage::Import& import,
                                          MissingCount so_far);

// All posts are said to have been sent, `expected` of them. A snapshot goes on
// to CloseMissing, everything else is complete; one that only validates would
// close `missing` posts. One that has been ended before stays as it is.
// Returns FAILED_PRECONDITION IMPORT_INCOMPLETE, and what TakePosts returns of
// the import.
absl::StatusOr<ImportProgress> EndImport(storage::Transaction& transaction,
                                         const storage::Scope& scope,
                                         const HeldImport& held,
                                         int64_t expected, int64_t missing);

// Closes the next open posts that the import did not contain, at most
// limits::kImportStep, and takes their messages back. Posts that were changed
// since the import began stay. The last step completes the import.
// Returns NOT_FOUND FEED_NOT_FOUND; FAILED_PRECONDITION TRACKING_DISABLED; and
// what TakePosts returns of the import.
absl::StatusOr<ImportProgress> CloseMissing(storage::Transaction& transaction,
                                            const storage::Scope& scope,
                                            const FeedPolicy& policy,
                                            const HeldImport& held);

}  // namespace broadcast::feeds

#endif  // BROADCASTD_FEEDS_IMPORT_POSTS_H_
