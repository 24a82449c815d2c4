#include "storage/transaction.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "storage/session.h"
#include "storage/sql_error.h"
#include "storage/transaction_time.h"

namespace broadcast::storage {
namespace {

// PostgreSQL's text form of a one-dimensional array.
std::string ArrayLiteral(absl::Span<const ValueRow> rows, size_t column) {
  std::string literal = "{";
  for (const ValueRow& row : rows) {
    const Value& value = row[column];
    if (literal.size() > 1) literal.push_back(',');
    if (value.null) {
      literal += "NULL";
    } else if (value.type == ColumnType::kInt) {
      absl::StrAppend(&literal, value.number);
    } else {
      literal.push_back('"');
      for (char c : value.text) {
        if (c == '"' || c == '\\') literal.push_back('\\');
        literal.push_back(c);
      }
      literal.push_back('"');
    }
  }
  literal.push_back('}');
  return literal;
}

}  // namespace

InsertInto::InsertInto(absl::string_view table, std::vector<Column> columns,
                       absl::string_view conflict)
    : columns_(std::move(columns)) {
  std::vector<std::string> names, values, arrays;
  for (const Column& column : columns_) {
    names.push_back(column.name);
    values.push_back(absl::StrCat(":", column.name));
    arrays.push_back(absl::StrCat(":", column.name, "::", column.type, "[]"));
  }
  const std::string head = absl::StrCat("INSERT INTO ", table, " (",
                                        absl::StrJoin(names, ", "), ") ");
  sqlite_ = absl::StrCat(head, "VALUES (", absl::StrJoin(values, ", "), ") ",
                         conflict);
  postgres_ = absl::StrCat(head, "SELECT * FROM unnest(",
                           absl::StrJoin(arrays, ", "), ") ", conflict);
}

RowsSql::RowsSql(std::vector<InsertInto::Column> columns,
                 absl::string_view sqlite, absl::string_view postgres)
    : columns_(std::move(columns)), sqlite_(sqlite) {
  std::vector<std::string> names, arrays;
  for (const InsertInto::Column& column : columns_) {
    names.push_back(column.name);
    arrays.push_back(absl::StrCat(":", column.name, "::", column.type, "[]"));
  }
  postgres_ = absl::StrReplaceAll(
      postgres,
      {{"@rows", absl::StrCat("unnest(", absl::StrJoin(arrays, ", "),
                              ") AS x (", absl::StrJoin(names, ", "), ")")}});
}

Transaction::Transaction(Session* session, TransactionTime* time, Mode mode)
    : session_(session), time_(time), mode_(mode) {}

Backend Transaction::backend() const { return session_->backend(); }

absl::Time Transaction::now() {
  if (!now_.has_value()) {
    absl::StatusOr<absl::Time> asked = Note(time_->Ask(*session_));
    // A doomed transaction is undone whatever its body decides by.
    now_ = asked.ok() ? *asked : absl::UnixEpoch();
  }
  return *now_;
}

absl::Duration Transaction::clock_offset() const {
  return time_->postgres_offset();
}

absl::Time Transaction::earliest_now() const { return time_->latest(); }

void Transaction::NoteTime(absl::Time decided) { time_->NotBefore(decided); }

template <typename T>
absl::StatusOr<T> Transaction::Note(absl::StatusOr<T> answer) {
  if (answer.ok() || !doom_.ok()) return answer;
  // After an error PostgreSQL refuses everything but ROLLBACK; SQLite has
  // ended some transactions by itself.
  const bool refused = backend() == Backend::kPostgres &&
                       FailureOf(answer.status()) != SqlFailure::kNone;
  const bool ended = mode_ == Mode::kWhole && !session_->InTransaction();
  if (refused || ended) doom_ = answer.status();
  return answer;
}

absl::StatusOr<int64_t> Transaction::Execute(
    const Sql& sql, std::initializer_list<Bind> binds) {
  if (!doom_.ok()) return doom_;
  return Note(
      session_->Run(sql, binds, {}, [](Row&) { return absl::OkStatus(); }));
}

absl::Status Transaction::Rows(const Sql& sql, Binds binds,
                               absl::Span<const ColumnType> columns,
                               absl::FunctionRef<absl::Status(Row&)> each) {
  if (!doom_.ok()) return doom_;
  return Note(session_->Run(sql, binds, columns, each)).status();
}

absl::Status Transaction::RowsOfText(
    const std::string& sql, Binds binds, absl::Span<const ColumnType> columns,
    absl::FunctionRef<absl::Status(Row&)> each) {
  if (!doom_.ok()) return doom_;
  return Note(session_->RunOnce(sql, binds, columns, each)).status();
}

absl::StatusOr<int64_t> Transaction::InsertRows(
    const InsertInto& into, absl::Span<const ValueRow> rows) {
  return RunRows(&into, into.columns(), into.TextFor(backend()), rows, {}, {},
                 [](Row&) { return absl::OkStatus(); });
}

absl::StatusOr<int64_t> Transaction::ExecuteRows(
    const RowsSql& sql, absl::Span<const ValueRow> rows,
    std::initializer_list<Bind> binds) {
  return RunRows(&sql, sql.columns(), sql.TextFor(backend()), rows, binds, {},
                 [](Row&) { return absl::OkStatus(); });
}

absl::StatusOr<std::set<std::string>> Transaction::ChangeRows(
    const RowsSql& sql, absl::Span<const ValueRow> rows,
    std::initializer_list<Bind> binds) {
  std::set<std::string> changed;
  if (backend() == Backend::kPostgres) {
    RETURN_IF_ERROR(QueryRows<std::tuple<std::string>>(
        sql, rows, binds, [&](std::tuple<std::string> key) {
          changed.insert(std::get<0>(std::move(key)));
          return absl::OkStatus();
        }));
    return changed;
  }
  for (const ValueRow& row : rows) {
    ASSIGN_OR_RETURN(const int64_t count,
                     ExecuteRows(sql, absl::MakeSpan(&row, 1), binds));
    if (count > 0) changed.emplace(row.front().text);
  }
  return changed;
}

absl::StatusOr<int64_t> Transaction::RunRows(
    const void* key, absl::Span<const InsertInto::Column> columns,
    const std::string& text, absl::Span<const ValueRow> rows, Binds shared,
    absl::Span<const ColumnType> answers,
    absl::FunctionRef<absl::Status(Row&)> each) {
  if (!doom_.ok()) return doom_;
  if (rows.empty()) return 0;
  for (const ValueRow& row : rows) {
    if (row.size() != columns.size()) {
      return absl::InternalError("a row of the wrong width");
    }
  }
  const auto run = [&](std::vector<Bind>& binds) {
    binds.insert(binds.end(), shared.begin(), shared.end());
    return Note(session_->RunKept(key, text, binds, answers, each));
  };
  std::vector<Bind> binds;
  binds.reserve(columns.size() + shared.size());
  if (backend() == Backend::kPostgres) {
    std::vector<std::string> arrays;
    arrays.reserve(columns.size());
    for (size_t i = 0; i < columns.size(); ++i) {
      arrays.push_back(ArrayLiteral(rows, i));
      binds.emplace_back(columns[i].name, arrays.back());
    }
    return run(binds);
  }
  int64_t total = 0;
  for (const ValueRow& row : rows) {
    binds.clear();
    for (size_t i = 0; i < row.size(); ++i) {
      binds.emplace_back(columns[i].name, row[i]);
    }
    ASSIGN_OR_RETURN(const int64_t done, run(binds));
    total += done;
  }
  return total;
}

}  // namespace broadcast::storage
