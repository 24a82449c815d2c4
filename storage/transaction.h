// The handle that every function of storage takes: runs statements within one
// transaction (or one read) of the database, and tells its time. Database
// makes it and hands it to a body; the body's thread alone may use it, and not
// after it has returned.
#ifndef BROADCASTD_STORAGE_TRANSACTION_H_
#define BROADCASTD_STORAGE_TRANSACTION_H_

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "base/status_macros.h"
#include "storage/sql.h"

namespace broadcast::storage {

class Session;
class TransactionTime;

// A table and the columns to fill with their PostgreSQL types, for InsertRows.
// Declare it as a constant of static storage, like Sql.
class InsertInto {
 public:
  struct Column {
    std::string name;
    std::string type;
  };

  // `conflict` ends the statement, e.g. "ON CONFLICT DO NOTHING".
  InsertInto(absl::string_view table, std::vector<Column> columns,
             absl::string_view conflict = "");

  const std::vector<Column>& columns() const { return columns_; }
  const std::string& TextFor(Backend backend) const {
    return backend == Backend::kSqlite ? sqlite_ : postgres_;
  }

 private:
  std::vector<Column> columns_;
  std::string sqlite_;
  std::string postgres_;
};

using ValueRow = std::vector<Value>;

// A statement over many rows of values, for ExecuteRows, ChangeRows and
// QueryRows. On SQLite it runs once a row, which its text names as `:column`.
// On PostgreSQL it runs once: `@rows` in its text stands for a table x of all
// rows, or `:column::type[]` for the array of one column. Declare it as a
// constant of static storage, like Sql.
class RowsSql {
 public:
  RowsSql(std::vector<InsertInto::Column> columns, absl::string_view sqlite,
          absl::string_view postgres);

  const std::vector<InsertInto::Column>& columns() const { return columns_; }
  const std::string& TextFor(Backend backend) const {
    return backend == Backend::kSqlite ? sqlite_ : postgres_;
  }

 private:
  std::vector<InsertInto::Column> columns_;
  std::string sqlite_;
  std::string postgres_;
};

class Transaction {
 public:
  // How much of a transaction stands around the statements.
  enum class Mode {
    kWhole,   // BEGIN before the first, COMMIT after the last
    kSingle,  // the one statement of the body is its own transaction
  };

  Transaction(Session* session, TransactionTime* time, Mode mode);

  Backend backend() const;
  Mode mode() const { return mode_; }

  // The time of every decision in this transaction: asked for once, never
  // before an earlier transaction's. PostgreSQL answers with its own clock; if
  // that fails the transaction is doomed and its body's writes are undone.
  absl::Time now();

  // PostgreSQL: what a statement that asks for clock_timestamp() itself adds.
  absl::Duration clock_offset() const;

  // And what it must not fall below; it tells what it decided by.
  absl::Time earliest_now() const;
  void NoteTime(absl::Time decided);

  // Runs a statement that answers no rows; answers how many it changed.
  // Errors of the database come as sql_error.h makes them, here and below.
  absl::StatusOr<int64_t> Execute(const Sql& sql,
                                  std::initializer_list<Bind> binds = {});

  // Hands every row to `each`, which may stop with an error.
  template <typename R, typename F>
  absl::Status Query(const Sql& sql, std::initializer_list<Bind> binds,
                     F&& each) {
    return Rows(sql, binds, ColumnTypesOf<R>(), [&](Row& row) {
      R record{};
      Columns<R>::Visit(row, record);
      return each(std::move(record));
    });
  }

  // The first row, or nothing.
  template <typename R>
  absl::StatusOr<std::optional<R>> QueryOne(const Sql& sql,
                                            std::initializer_list<Bind> binds) {
    std::optional<R> found;
    RETURN_IF_ERROR(Rows(sql, binds, ColumnTypesOf<R>(), [&](Row& row) {
      R record{};
      Columns<R>::Visit(row, record);
      if (!found.has_value()) found = std::move(record);
      return absl::OkStatus();
    }));
    return found;
  }

  // Like Query, for text made at run time; not kept prepared.
  template <typename R, typename F>
  absl::Status QueryText(const std::string& sql, Binds binds, F&& each) {
    return RowsOfText(sql, binds, ColumnTypesOf<R>(), [&](Row& row) {
      R record{};
      Columns<R>::Visit(row, record);
      return each(std::move(record));
    });
  }

  // Inserts rows in one statement on PostgreSQL (unnest), in a loop over one
  // prepared statement on SQLite. Answers how many were inserted, which is
  // fewer than given where `into.conflict` skips some.
  absl::StatusOr<int64_t> InsertRows(const InsertInto& into,
                                     absl::Span<const ValueRow> rows);

  // Runs a statement that answers no rows over `rows`; answers how many rows
  // it changed. `binds` are the same for all.
  absl::StatusOr<int64_t> ExecuteRows(const RowsSql& sql,
                                      absl::Span<const ValueRow> rows,
                                      std::initializer_list<Bind> binds = {});

  // Runs a statement over `rows`, each of which begins with its key; answers
  // the keys of those with which it changed something. PostgreSQL's text ends
  // with RETURNING them; to SQLite that would cost more than to change the row.
  absl::StatusOr<std::set<std::string>> ChangeRows(
      const RowsSql& sql, absl::Span<const ValueRow> rows,
      std::initializer_list<Bind> binds = {});

  // Hands every row that it answers to `each`; PostgreSQL keeps no order.
  template <typename R, typename F>
  absl::Status QueryRows(const RowsSql& sql, absl::Span<const ValueRow> rows,
                         std::initializer_list<Bind> binds, F&& each) {
    return RunRows(&sql, sql.columns(), sql.TextFor(backend()), rows, binds,
                   ColumnTypesOf<R>(),
                   [&](Row& row) {
                     R record{};
                     Columns<R>::Visit(row, record);
                     return each(std::move(record));
                   })
        .status();
  }

  // For Database: not OK once the transaction can only be undone.
  const absl::Status& doom() const { return doom_; }

 private:
  absl::Status Rows(const Sql& sql, Binds binds,
                    absl::Span<const ColumnType> columns,
                    absl::FunctionRef<absl::Status(Row&)> each);
  absl::Status RowsOfText(const std::string& sql, Binds binds,
                          absl::Span<const ColumnType> columns,
                          absl::FunctionRef<absl::Status(Row&)> each);
  absl::StatusOr<int64_t> RunRows(const void* key,
                                  absl::Span<const InsertInto::Column> columns,
                                  const std::string& text,
                                  absl::Span<const ValueRow> rows, Binds binds,
                                  absl::Span<const ColumnType> answers,
                                  absl::FunctionRef<absl::Status(Row&)> each);
  template <typename T>
  absl::StatusOr<T> Note(absl::StatusOr<T> answer);

  Session* const session_;
  TransactionTime* const time_;
  const Mode mode_;
  std::optional<absl::Time> now_;
  absl::Status doom_;
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_TRANSACTION_H_
