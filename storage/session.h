// One connection to the database with its prepared statements. Private to
// storage; one thread at a time.
#ifndef BROADCASTD_STORAGE_SESSION_H_
#define BROADCASTD_STORAGE_SESSION_H_

#include <soci/soci.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/location.h"
#include "storage/sql.h"
#include "storage/statement.h"

namespace broadcast::storage {

enum class SessionRole {
  kWriter,
  kReader,       // refuses to write
  kMaintenance,  // migrations and checkpoints: statements may take minutes
};

class Session {
 public:
  // Connects and sets everything that holds per connection.
  // Returns UNAVAILABLE if the database cannot be reached or opened.
  static absl::StatusOr<std::unique_ptr<Session>> Open(const Location& location,
                                                       SessionRole role);
  ~Session();

  Backend backend() const { return location_.backend; }

  // Runs `sql`, kept prepared. See Statement::Run for answer and errors.
  absl::StatusOr<int64_t> Run(const Sql& sql, Binds binds,
                              absl::Span<const ColumnType> columns,
                              RowCallback each);
  absl::Status Run(const Sql& sql);

  // Runs text made at run time, not kept.
  absl::StatusOr<int64_t> RunOnce(const std::string& sql, Binds binds,
                                  absl::Span<const ColumnType> columns,
                                  RowCallback each);

  // Runs text made at run time, kept prepared under `key`, whose address
  // must always stand for the same text.
  absl::StatusOr<int64_t> RunKept(const void* key, const std::string& sql,
                                  Binds binds,
                                  absl::Span<const ColumnType> columns,
                                  RowCallback each);

  // True between BEGIN and COMMIT or ROLLBACK. SQLite ends a transaction by
  // itself on some errors.
  bool InTransaction() const;

  // True once the connection is known to be lost. Only Reconnect cures it.
  bool Broken() const;

  // Drops every statement and connects anew.
  // Returns UNAVAILABLE if that fails; the session stays broken.
  absl::Status Reconnect();

  // SQLite: pages in the write-ahead log after the last commit made here.
  int wal_pages() const { return wal_pages_; }

  // SQLite: rows that this connection has ever changed, undone ones too.
  int64_t changes() const;

  // Forgets prepared statements, e.g. after the schema changed.
  void ForgetStatements() { statements_.clear(); }

  soci::session& raw() { return *session_; }

 private:
  Session(Location location, SessionRole role);

  absl::Status Connect();
  // Tells every error of a lost connection as that.
  absl::StatusOr<int64_t> Judge(absl::StatusOr<int64_t> answer) const;
  absl::Status Configure();
  void DropStatements();
  void FreeFailed();
  absl::StatusOr<int64_t> RunPrepared(const void* key, const char* sql,
                                      Binds binds,
                                      absl::Span<const ColumnType> columns,
                                      RowCallback each);

  const Location location_;
  const SessionRole role_;
  int wal_pages_ = 0;
  std::unique_ptr<soci::session> session_;
  // Declared after the session: statements must be destroyed before it.
  absl::flat_hash_map<const void*, std::unique_ptr<Statement>> statements_;
  // Wait for the end of the transaction to be freed.
  std::vector<std::unique_ptr<Statement>> failed_;
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_SESSION_H_
