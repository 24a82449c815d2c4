#include "storage/session.h"

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "storage/sql_error.h"

namespace broadcast::storage {
namespace {

sqlite_api::sqlite3* SqliteHandle(soci::session& session) {
  return static_cast<soci::sqlite3_session_backend*>(session.get_backend())
      ->conn_;
}

PGconn* PostgresHandle(soci::session& session) {
  return static_cast<soci::postgresql_session_backend*>(session.get_backend())
      ->conn_;
}

int NoteWalPages(void* pages, sqlite_api::sqlite3*, const char*, int count) {
  *static_cast<int*>(pages) = count;
  return SQLITE_OK;
}

// A session is used by one thread at a time, so SQLite's own lock on each
// connection guards nothing. Its other locks stay. Once, before its first use.
void LeaveSessionsUnlocked() {
  static const int kConfigured =
      sqlite_api::sqlite3_config(SQLITE_CONFIG_MULTITHREAD);
  // Refused if somebody else has used SQLite before: then the locks stay.
  static_cast<void>(kConfigured);
}

// An answer must not come before what it tells is durable, whatever the role's
// or the database's own setting.
constexpr char kSynchronousCommit[] =
    "SELECT set_config('synchronous_commit', 'on', false) "
    "WHERE current_setting('synchronous_commit') = 'off'";

// What is written is looked up by key. A plan that was made while a queue was
// empty would read it whole once it is full.
constexpr const char* kLookUpByIndex[] = {
    "SET enable_seqscan = off", "SET enable_hashjoin = off",
    "SET enable_mergejoin = off", "SET enable_material = off", "SET jit = off"};

absl::Status NoConnection() {
  return SqlErrorStatus(SqlFailure::kConnection, "no connection");
}

}  // namespace

Session::Session(Location location, SessionRole role)
    : location_(std::move(location)), role_(role) {}

Session::~Session() {
  DropStatements();
  try {
    session_.reset();
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
  }
}

absl::StatusOr<std::unique_ptr<Session>> Session::Open(const Location& location,
                                                       SessionRole role) {
  std::unique_ptr<Session> session(new Session(location, role));
  RETURN_IF_ERROR(session->Connect());
  return session;
}

absl::Status Session::Connect() {
  try {
    if (backend() == Backend::kSqlite) {
      LeaveSessionsUnlocked();
      // The quotes are SOCI's; a quote in a file name cannot be expressed.
      session_ = std::make_unique<soci::session>(
          soci::sqlite3, absl::StrCat("db=\"", location_.path, "\""));
      sqlite_api::sqlite3_extended_result_codes(SqliteHandle(*session_), 1);
    } else {
      session_ =
          std::make_unique<soci::session>(soci::postgresql, location_.conninfo);
    }
  } catch (const std::exception& exception) {
    session_.reset();
    return SqlErrorStatus(SqlFailure::kConnection,
                          SqlCodeOf(FromException(backend(), exception)));
  }
  absl::Status configured = Configure();
  if (!configured.ok()) session_.reset();
  return configured;
}

absl::Status Session::Configure() {
  std::vector<const char*> settings;
  if (backend() == Backend::kSqlite) {
    // busy_timeout first: the others may have to wait for a lock.
    settings = {
        "PRAGMA busy_timeout = 1000",          "PRAGMA foreign_keys = ON",
        "PRAGMA synchronous = FULL",           "PRAGMA temp_store = MEMORY",
        "PRAGMA secure_delete = OFF",          "PRAGMA wal_autocheckpoint = 0",
        "PRAGMA journal_size_limit = 67108864"};
    if (role_ == SessionRole::kReader) {
      settings.push_back("PRAGMA query_only = ON");
      // Every commit empties a reader's page cache. What is mapped needs none:
      // a point read copied twelve pages, an eighth of a GetEntry.
      settings.push_back("PRAGMA mmap_size = 1073741824");
    } else {
      settings.push_back("PRAGMA cache_size = -65536");
    }
  } else {
    settings = {
        // What the server remarks would go to standard error, past the log.
        "SET client_min_messages = error",
        // A replica that was halted in a transaction, or cut off, keeps no
        // lane from those who take it over.
        role_ == SessionRole::kWriter
            ? "SET idle_in_transaction_session_timeout = '3s'"
            : "SET idle_in_transaction_session_timeout = '30s'",
        // Whoever migrates is waited for.
        role_ == SessionRole::kMaintenance ? "SET lock_timeout = 0"
                                           : "SET lock_timeout = '2s'",
        kSynchronousCommit,
        role_ == SessionRole::kMaintenance ? "SET statement_timeout = '10min'"
        : role_ == SessionRole::kReader    ? "SET statement_timeout = '30s'"
                                           : "SET statement_timeout = '5s'",
        role_ == SessionRole::kReader
            ? "SET default_transaction_read_only = on"
            : "SET default_transaction_read_only = off"};
    if (role_ == SessionRole::kWriter) {
      settings.insert(settings.end(), std::begin(kLookUpByIndex),
                      std::end(kLookUpByIndex));
    }
  }
  try {
    for (const char* setting : settings) *session_ << setting;
  } catch (const std::exception& exception) {
    return FromException(backend(), exception);
  }
  if (backend() == Backend::kSqlite) {
    sqlite_api::sqlite3_wal_hook(SqliteHandle(*session_), &NoteWalPages,
                                 &wal_pages_);
  }
  return absl::OkStatus();
}

absl::Status Session::Reconnect() {
  DropStatements();
  try {
    session_.reset();
  } catch (const std::exception&) {
    session_ = nullptr;
  }
  return Connect();
}

// Statements that outlive their connection crash SOCI.
void Session::DropStatements() {
  statements_.clear();
  failed_.clear();
}

void Session::FreeFailed() {
  if (!failed_.empty() && !InTransaction()) failed_.clear();
}

bool Session::Broken() const {
  if (session_ == nullptr) return true;
  return backend() == Backend::kPostgres &&
         PQstatus(PostgresHandle(*session_)) != CONNECTION_OK;
}

bool Session::InTransaction() const {
  if (session_ == nullptr) return false;
  if (backend() == Backend::kSqlite) {
    return sqlite_api::sqlite3_get_autocommit(SqliteHandle(*session_)) == 0;
  }
  return PQtransactionStatus(PostgresHandle(*session_)) != PQTRANS_IDLE;
}

int64_t Session::changes() const {
  if (session_ == nullptr || backend() != Backend::kSqlite) return 0;
  return sqlite_api::sqlite3_total_changes(SqliteHandle(*session_));
}

absl::StatusOr<int64_t> Session::Run(const Sql& sql, Binds binds,
                                     absl::Span<const ColumnType> columns,
                                     RowCallback each) {
  return RunPrepared(&sql, sql.For(backend()), binds, columns, each);
}

absl::Status Session::Run(const Sql& sql) {
  return Run(sql, {}, {}, [](Row&) { return absl::OkStatus(); }).status();
}

absl::StatusOr<int64_t> Session::RunKept(const void* key,
                                         const std::string& sql, Binds binds,
                                         absl::Span<const ColumnType> columns,
                                         RowCallback each) {
  return RunPrepared(key, sql.c_str(), binds, columns, each);
}

absl::StatusOr<int64_t> Session::RunPrepared(
    const void* key, const char* sql, Binds binds,
    absl::Span<const ColumnType> columns, RowCallback each) {
  if (session_ == nullptr) return NoConnection();
  FreeFailed();
  auto found = statements_.find(key);
  if (found == statements_.end()) {
    auto statement =
        Statement::Prepare(*session_, backend(), sql, binds, columns);
    if (!statement.ok()) return Judge(statement.status());
    found = statements_.emplace(key, *std::move(statement)).first;
  }
  absl::StatusOr<int64_t> answer = Judge(found->second->Run(binds, each));
  // SOCI forgets what it had bound for PostgreSQL to a statement that fails,
  // unless that is freed before it is bound again.
  if (FailureOf(answer.status()) != SqlFailure::kNone &&
      backend() == Backend::kPostgres) {
    failed_.push_back(std::move(found->second));
    statements_.erase(found);
  }
  return answer;
}

absl::StatusOr<int64_t> Session::Judge(absl::StatusOr<int64_t> answer) const {
  if (!answer.ok() && Broken()) {
    return SqlErrorStatus(SqlFailure::kConnection, SqlCodeOf(answer.status()));
  }
  return answer;
}

absl::StatusOr<int64_t> Session::RunOnce(const std::string& sql, Binds binds,
                                         absl::Span<const ColumnType> columns,
                                         RowCallback each) {
  if (session_ == nullptr) return NoConnection();
  FreeFailed();
  auto statement =
      Statement::Prepare(*session_, backend(), sql, binds, columns);
  if (!statement.ok()) return Judge(statement.status());
  absl::StatusOr<int64_t> answer = Judge((*statement)->Run(binds, each));
  // PostgreSQL would refuse to free it before the transaction has ended.
  if (!answer.ok() && InTransaction()) failed_.push_back(*std::move(statement));
  return answer;
}

}  // namespace broadcast::storage
