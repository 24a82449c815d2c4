// One prepared statement of one session, with the memory that SOCI binds to.
// It makes the quiet traps of SOCI 4.0.3 loud or impossible: values have fixed
// addresses, every name in the text must be given exactly once and no other,
// execution always exchanges data, integers are read as scalar 64-bit values,
// and no cursor stays open behind a call. Private to storage; used by one
// thread at a time, like the session that owns it.
#ifndef BROADCASTD_STORAGE_STATEMENT_H_
#define BROADCASTD_STORAGE_STATEMENT_H_

#include <soci/soci.h>

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "storage/sql.h"

namespace broadcast::storage {

using RowCallback = absl::FunctionRef<absl::Status(Row&)>;

// The distinct `:names` of a statement in order of appearance. Quoted text,
// comments and casts (`::`) hold none.
std::vector<std::string> ParameterNames(absl::string_view sql);

class Statement {
 public:
  // Returns INTERNAL if the names in the text and in `binds` differ, if the
  // text holds a second statement, or if the database refuses it.
  static absl::StatusOr<std::unique_ptr<Statement>> Prepare(
      soci::session& session, Backend backend, const std::string& sql,
      Binds binds, absl::Span<const ColumnType> columns);

  ~Statement();
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Binds, executes, hands every row to `each` until it returns an error, and
  // closes the cursor. Answers the number of rows changed; for a statement
  // with columns, the number of rows read.
  // Returns what sql_error.h makes of the database's error; INTERNAL if
  // `binds` are not those of Prepare, in the same order, if the columns that
  // were asked for are not as many as the statement has, or if a value holds
  // a NUL character, which both backends would cut the text at.
  absl::StatusOr<int64_t> Run(Binds binds, RowCallback each);

 private:
  struct Parameter {
    std::string name;
    ColumnType type;
    soci::indicator indicator = soci::i_ok;
    long long number = 0;  // NOLINT(google-runtime-int): the type SOCI binds
    std::string text;
  };
  struct Column {
    Cell cell;
    soci::indicator indicator = soci::i_ok;
  };

  Statement(soci::session& session, Backend backend);

  bool HoldsOneStatement(absl::string_view sql) const;
  int ColumnCount() const;
  absl::Status Assign(Binds binds);
  absl::StatusOr<int64_t> Fetch(bool found, RowCallback each);
  void CloseCursor();

  const Backend backend_;
  std::deque<Parameter> parameters_;
  std::deque<Column> columns_;
  std::vector<Cell> row_;
  std::unique_ptr<soci::statement> statement_;
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_STATEMENT_H_
