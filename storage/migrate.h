// Brings the schema to this binary's version: numbered SQL files, compiled in,
// applied in order under a lock by the first process to come. The database
// remembers the oldest schema version a binary may know and still run on it,
// so that one release back always works. Called by Database while it opens.
#ifndef BROADCASTD_STORAGE_MIGRATE_H_
#define BROADCASTD_STORAGE_MIGRATE_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"

namespace broadcast::storage {

class Session;

struct Migration {
  int version;
  absl::string_view name;
  absl::string_view sqlite;
  absl::string_view postgres;
  // One SELECT that both backends answer with 1 if the step is in place.
  absl::string_view check;
  // A binary must know at least this version to run on the schema.
  int oldest_compatible;
};

// Every migration of this binary, by version from 1.
absl::Span<const Migration> Migrations();

struct SchemaVersion {
  int version = 0;            // 0: an empty database
  int oldest_compatible = 0;  // what a binary must know at least
};

// The statements of a file, split at the semicolons that end a line.
std::vector<std::string> SplitStatements(absl::string_view sql);

// Returns 0 and 0 for a database without our tables.
absl::StatusOr<SchemaVersion> ReadSchemaVersion(Session& session);

// Applies what is missing, each step in a transaction of its own.
// Returns FAILED_PRECONDITION if the schema is newer than this binary may run
// on; INTERNAL if a step or its check fails, which leaves the step undone.
absl::StatusOr<SchemaVersion> Migrate(Session& session,
                                      absl::Span<const Migration> migrations,
                                      absl::Time now);

// Checks without applying.
// Returns FAILED_PRECONDITION if steps are missing, or as Migrate does.
absl::StatusOr<SchemaVersion> CheckSchema(
    Session& session, absl::Span<const Migration> migrations);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_MIGRATE_H_
