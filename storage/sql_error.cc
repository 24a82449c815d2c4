#include "storage/sql_error.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"

namespace broadcast::storage {
namespace {

constexpr absl::string_view kFailureUrl = "broadcastd/sql-failure";
constexpr absl::string_view kCodeUrl = "broadcastd/sql-code";

absl::Status Facade(SqlFailure failure) {
  switch (failure) {
    case SqlFailure::kNone:
      return absl::OkStatus();
    case SqlFailure::kConflict:
    case SqlFailure::kBusy:
      return error::StorageBusy();
    case SqlFailure::kConnection:
      return error::StorageUnavailable();
    case SqlFailure::kFull:
      return error::StorageFull();
    case SqlFailure::kReadOnly:
      return error::StorageReadOnly();
    case SqlFailure::kTimeout:
      return error::StorageTimeout();
    case SqlFailure::kUnique:
    case SqlFailure::kForeignKey:
    case SqlFailure::kConstraint:
    case SqlFailure::kStalePlan:
    case SqlFailure::kNoMemory:
    case SqlFailure::kIo:
    case SqlFailure::kOther:
      return error::StorageFailed();
  }
  return error::StorageFailed();
}

}  // namespace

SqlFailure ClassifySqlite(int extended_code) {
  switch (extended_code) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return SqlFailure::kUnique;
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return SqlFailure::kForeignKey;
    // Neither is a broken disk. The second is the index of the write-ahead
    // log, which finds no space to grow.
    case SQLITE_IOERR_NOMEM:
      return SqlFailure::kNoMemory;
    case SQLITE_IOERR_SHMSIZE:
      return SqlFailure::kFull;
    default:
      break;
  }
  switch (extended_code & 0xff) {
    case SQLITE_CONSTRAINT:
      return SqlFailure::kConstraint;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return SqlFailure::kBusy;
    case SQLITE_SCHEMA:
      return SqlFailure::kStalePlan;
    case SQLITE_FULL:
      return SqlFailure::kFull;
    case SQLITE_NOMEM:
      return SqlFailure::kNoMemory;
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return SqlFailure::kReadOnly;
    case SQLITE_CANTOPEN:
      return SqlFailure::kConnection;
    case SQLITE_INTERRUPT:
      return SqlFailure::kTimeout;
    case SQLITE_IOERR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return SqlFailure::kIo;
    default:
      return SqlFailure::kOther;
  }
}

SqlFailure ClassifySqlState(absl::string_view sqlstate) {
  if (sqlstate == "23505") return SqlFailure::kUnique;
  if (sqlstate == "23503") return SqlFailure::kForeignKey;
  if (absl::StartsWith(sqlstate, "23")) return SqlFailure::kConstraint;
  if (sqlstate == "40001" || sqlstate == "40P01") {
    return SqlFailure::kConflict;
  }
  if (sqlstate == "55P03") return SqlFailure::kBusy;
  if (sqlstate == "0A000" || sqlstate == "26000") {
    return SqlFailure::kStalePlan;
  }
  if (sqlstate == "57014" || sqlstate == "25P03") return SqlFailure::kTimeout;
  if (sqlstate == "53100") return SqlFailure::kFull;
  if (sqlstate == "53200") return SqlFailure::kNoMemory;
  if (sqlstate == "25006") return SqlFailure::kReadOnly;
  if (absl::StartsWith(sqlstate, "08") || absl::StartsWith(sqlstate, "57P") ||
      sqlstate == "53300") {
    return SqlFailure::kConnection;
  }
  if (absl::StartsWith(sqlstate, "58") || absl::StartsWith(sqlstate, "XX")) {
    return SqlFailure::kIo;
  }
  return SqlFailure::kOther;
}

absl::Status SqlErrorStatus(SqlFailure failure, std::string code) {
  absl::Status status = Facade(failure);
  status.SetPayload(kFailureUrl,
                    absl::Cord(absl::StrCat(static_cast<int>(failure))));
  status.SetPayload(kCodeUrl, absl::Cord(std::move(code)));
  return status;
}

absl::Status RunAgain() {
  return SqlErrorStatus(SqlFailure::kConflict, "run again");
}

absl::Status NeedsWholeTransaction() {
  return SqlErrorStatus(SqlFailure::kConstraint, "needs a whole transaction");
}

absl::Status FromException(Backend backend, const std::exception& exception) {
  // The backends' classes come from shared libraries, where dynamic_cast by
  // pointer works for exceptions only as long as their type_info is exported:
  // it is for these two.
  if (const auto* failed =
          dynamic_cast<const soci::sqlite3_soci_error*>(&exception)) {
    return SqlErrorStatus(ClassifySqlite(failed->result()),
                          absl::StrCat("sqlite ", failed->result()));
  }
  if (const auto* failed =
          dynamic_cast<const soci::postgresql_soci_error*>(&exception)) {
    const std::string sqlstate = failed->sqlstate();
    // SOCI has no state to give when the server is gone before it answers.
    const SqlFailure failure = sqlstate.empty() || sqlstate == "     "
                                   ? SqlFailure::kConnection
                                   : ClassifySqlState(sqlstate);
    return SqlErrorStatus(failure, absl::StrCat("sqlstate ", sqlstate));
  }
  if (dynamic_cast<const std::bad_alloc*>(&exception) != nullptr) {
    return SqlErrorStatus(SqlFailure::kNoMemory, "bad_alloc");
  }
  // A failed connect throws a plain soci_error on PostgreSQL.
  if (const auto* failed = dynamic_cast<const soci::soci_error*>(&exception)) {
    const bool connection =
        failed->get_error_category() == soci::soci_error::connection_error;
    return SqlErrorStatus(
        connection ? SqlFailure::kConnection : SqlFailure::kOther,
        backend == Backend::kSqlite ? "soci sqlite" : "soci postgres");
  }
  return SqlErrorStatus(SqlFailure::kOther, "unclassified");
}

SqlFailure FailureOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kFailureUrl);
  int number = 0;
  if (!payload.has_value() ||
      !absl::SimpleAtoi(std::string(*payload), &number)) {
    return SqlFailure::kNone;
  }
  return static_cast<SqlFailure>(number);
}

std::string SqlCodeOf(const absl::Status& status) {
  const absl::optional<absl::Cord> payload = status.GetPayload(kCodeUrl);
  return payload.has_value() ? std::string(*payload) : std::string();
}

}  // namespace broadcast::storage
