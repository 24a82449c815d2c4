// Turns what SOCI throws into an absl::Status: by SQLite's extended result
// code or by SQLSTATE, never by text. The database's own words are kept out of
// the message, because they carry parameter values. Any thread.
#ifndef BROADCASTD_STORAGE_SQL_ERROR_H_
#define BROADCASTD_STORAGE_SQL_ERROR_H_

#include <exception>
#include <string>

#include "absl/status/status.h"
#include "storage/sql.h"

namespace broadcast::storage {

enum class SqlFailure {
  kNone,        // not an error of the database
  kUnique,      // a unique constraint refused the row
  kForeignKey,  // a row that this one refers to is missing
  kConstraint,  // a CHECK or NOT NULL refused the row
  kConflict,    // lost against another transaction: run again
  kBusy,        // another process holds the database: run again
  kStalePlan,   // the schema changed under a prepared statement
  kConnection,  // the server went away
  kFull,        // no space left
  kNoMemory,    // this transaction did not fit into memory
  kReadOnly,    // the database accepts no writes
  kTimeout,     // the statement's time ran out
  kIo,          // the disk failed: nothing may be trusted any more
  kOther,
};

// `code` is for the log: "sqlite 787", "sqlstate 40001".
absl::Status SqlErrorStatus(SqlFailure failure, std::string code);

// What a body answers to be run again: another transaction came first.
absl::Status RunAgain();

// What a body answers to be run again as a whole transaction, because its one
// statement could not do the work.
absl::Status NeedsWholeTransaction();

// Classifies an exception thrown by SOCI or by the standard library.
absl::Status FromException(Backend backend, const std::exception& exception);

SqlFailure FailureOf(const absl::Status& status);

// The database's own code, for the log. Empty for other errors.
std::string SqlCodeOf(const absl::Status& status);

SqlFailure ClassifySqlite(int extended_code);
SqlFailure ClassifySqlState(absl::string_view sqlstate);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_SQL_ERROR_H_
