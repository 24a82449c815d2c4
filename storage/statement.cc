#include "storage/statement.h"

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "storage/sql_error.h"

namespace broadcast::storage {
namespace {

// A mistake in our own code: tests meet it, callers do not.
absl::Status Misuse(absl::string_view what) {
  return absl::InternalError(absl::StrCat("statement: ", what));
}

bool IsNameCharacter(char c) { return absl::ascii_isalnum(c) || c == '_'; }

// Where the quoted text, comment or cast that starts at `at` ends; `at` if
// none starts there.
size_t SkipOpaque(absl::string_view sql, size_t at) {
  const auto after = [&](absl::string_view end, size_t from) {
    const size_t found = sql.find(end, from);
    return found == sql.npos ? sql.size() : found + end.size();
  };
  if (sql[at] == '\'' || sql[at] == '"') {
    return after(sql.substr(at, 1), at + 1);
  }
  const absl::string_view two = sql.substr(at, 2);
  if (two == "--") return after("\n", at);
  if (two == "/*") return after("*/", at);
  if (two == "::") return at + 2;
  return at;
}

}  // namespace

std::vector<std::string> ParameterNames(absl::string_view sql) {
  std::vector<std::string> names;
  for (size_t at = 0; at < sql.size();) {
    if (const size_t end = SkipOpaque(sql, at); end != at) {
      at = end;
      continue;
    }
    if (sql[at++] != ':') continue;
    const size_t begin = at;
    while (at < sql.size() && IsNameCharacter(sql[at])) ++at;
    std::string name(sql.substr(begin, at - begin));
    if (!name.empty() &&
        std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(std::move(name));
    }
  }
  return names;
}

Statement::Statement(soci::session& session, Backend backend)
    : backend_(backend),
      statement_(std::make_unique<soci::statement>(session)) {}

Statement::~Statement() {
  // Deallocating talks to the server, which may be gone.
  try {
    statement_.reset();
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
  }
}

absl::StatusOr<std::unique_ptr<Statement>> Statement::Prepare(
    soci::session& session, Backend backend, const std::string& sql,
    Binds binds, absl::Span<const ColumnType> columns) {
  std::vector<std::string> given;
  for (const Bind& bind : binds) given.emplace_back(bind.name);
  std::vector<std::string> wanted = ParameterNames(sql);
  std::vector<std::string> sorted = given;
  std::sort(sorted.begin(), sorted.end());
  std::sort(wanted.begin(), wanted.end());
  if (sorted != wanted) return Misuse("names differ from those in the text");

  try {
    std::unique_ptr<Statement> made(new Statement(session, backend));
    for (const Bind& bind : binds) {
      Parameter& parameter = made->parameters_.emplace_back(
          Parameter{.name = std::string(bind.name), .type = bind.value.type});
      if (parameter.type == ColumnType::kInt) {
        made->statement_->exchange(
            soci::use(parameter.number, parameter.indicator, parameter.name));
      } else {
        made->statement_->exchange(
            soci::use(parameter.text, parameter.indicator, parameter.name));
      }
    }
    for (ColumnType type : columns) {
      Column& column =
          made->columns_.emplace_back(Column{.cell = {.type = type}});
      made->row_.push_back({.type = type});
      if (type == ColumnType::kInt) {
        made->statement_->exchange(
            soci::into(column.cell.number, column.indicator));
      } else {
        made->statement_->exchange(
            soci::into(column.cell.text, column.indicator));
      }
    }
    made->statement_->alloc();
    made->statement_->prepare(sql);
    if (!made->HoldsOneStatement(sql)) {
      return Misuse("the text holds more than one statement");
    }
    made->statement_->define_and_bind();
    return made;
  } catch (const std::exception& exception) {
    return FromException(backend, exception);
  }
}

// SQLite prepares the first statement and would drop the rest in silence;
// PostgreSQL refuses by itself.
bool Statement::HoldsOneStatement(absl::string_view sql) const {
  if (backend_ != Backend::kSqlite) return true;
  const char* const prepared = sqlite_api::sqlite3_sql(
      static_cast<soci::sqlite3_statement_backend*>(statement_->get_backend())
          ->stmt_);
  if (prepared == nullptr) return false;
  sql.remove_prefix(std::min(sql.size(), absl::string_view(prepared).size()));
  return absl::StripAsciiWhitespace(sql).empty();
}

int Statement::ColumnCount() const {
  auto* const backend = statement_->get_backend();
  if (backend_ == Backend::kSqlite) {
    return sqlite_api::sqlite3_column_count(
        static_cast<soci::sqlite3_statement_backend*>(backend)->stmt_);
  }
  return PQnfields(
      static_cast<soci::postgresql_statement_backend*>(backend)->result_);
}

absl::Status Statement::Assign(Binds binds) {
  if (binds.size() != parameters_.size())
    return Misuse("wrong number of values");
  for (size_t i = 0; i < binds.size(); ++i) {
    Parameter& parameter = parameters_[i];
    const auto& [name, value] = binds[i];
    if (name != parameter.name || value.type != parameter.type) {
      return Misuse("values differ from those it was prepared with");
    }
    if (value.text.find('\0') != value.text.npos) {
      return Misuse("a value holds a NUL character");
    }
    parameter.indicator = value.null ? soci::i_null : soci::i_ok;
    parameter.number = value.number;
    parameter.text.assign(value.text.data(), value.text.size());
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Statement::Run(Binds binds, RowCallback each) {
  RETURN_IF_ERROR(Assign(binds));
  absl::StatusOr<int64_t> answer;
  try {
    const bool found = statement_->execute(true);
    if (columns_.empty()) {
      answer = statement_->get_affected_rows();
    } else if (ColumnCount() != static_cast<int>(columns_.size())) {
      answer = Misuse("it answers another number of columns");
    } else {
      answer = Fetch(found, each);
    }
  } catch (const std::exception& exception) {
    answer = FromException(backend_, exception);
  }
  CloseCursor();
  return answer;
}

absl::StatusOr<int64_t> Statement::Fetch(bool found, RowCallback each) {
  int64_t rows = 0;
  // fetch() after a statement that found nothing never ends on PostgreSQL.
  for (; found; found = statement_->fetch()) {
    for (size_t i = 0; i < columns_.size(); ++i) {
      Column& column = columns_[i];
      row_[i].null = column.indicator == soci::i_null;
      row_[i].number = column.cell.number;
      if (column.cell.type == ColumnType::kText) {
        row_[i].text.swap(column.cell.text);
      }
    }
    Row row(absl::MakeSpan(row_));
    RETURN_IF_ERROR(each(row));
    if (row.bad_value()) {
      return Misuse("a column holds NULL or an unknown value");
    }
    ++rows;
  }
  return rows;
}

void Statement::CloseCursor() {
  if (backend_ != Backend::kSqlite) return;
  // SOCI leaves the statement on its last row, which pins the snapshot (or the
  // write lock) of the whole connection.
  auto* backend =
      static_cast<soci::sqlite3_statement_backend*>(statement_->get_backend());
  if (backend->stmt_ != nullptr) sqlite_api::sqlite3_reset(backend->stmt_);
}

}  // namespace broadcast::storage
