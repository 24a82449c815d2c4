// sqlite3 as it is, but that what fails ends the program. One thread each.
#ifndef BROADCASTD_BENCH_SQLITE_H_
#define BROADCASTD_BENCH_SQLITE_H_

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "flags.h"

namespace broadcast::bench {

class Sqlite {
 public:
  explicit Sqlite(const std::string& path) {
    Check(sqlite3_open(path.c_str(), &handle_), path);
  }
  ~Sqlite() { sqlite3_close(handle_); }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  sqlite3* handle() const { return handle_; }

  void Run(const std::string& sql) {
    Check(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr), sql);
  }

  // The first column of the first row.
  std::string Ask(const std::string& sql) {
    std::string answer;
    const auto take = [](void* into, int, char** values, char**) {
      *static_cast<std::string*>(into) = values[0] == nullptr ? "" : values[0];
      return 0;
    };
    Check(sqlite3_exec(handle_, sql.c_str(), take, &answer, nullptr), sql);
    return answer;
  }

  void Check(int code, const std::string& what) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    Die("sqlite: " + std::string(sqlite3_errmsg(handle_)) + ": " + what);
  }

 private:
  sqlite3* handle_ = nullptr;
};

// A prepared statement; parameters are bound in their order.
class SqliteStatement {
 public:
  SqliteStatement(Sqlite* database, const std::string& sql)
      : database_(database) {
    database->Check(
        sqlite3_prepare_v3(database->handle(), sql.c_str(), -1,
                           SQLITE_PREPARE_PERSISTENT, &statement_, nullptr),
        sql);
  }
  ~SqliteStatement() { sqlite3_finalize(statement_); }
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  // Runs it; texts must live until it returns.
  template <typename... Values>
  void Run(const Values&... values) {
    int index = 0;
    (Bind(++index, values), ...);
    database_->Check(sqlite3_step(statement_), sqlite3_sql(statement_));
    sqlite3_reset(statement_);
  }

  // The same, to its end: `take` is called for each row, and asks Text and
  // Number for its columns, from 0.
  template <typename Take, typename... Values>
  void Query(Take take, const Values&... values) {
    int index = 0;
    (Bind(++index, values), ...);
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement_)) == SQLITE_ROW) take(*this);
    database_->Check(code, sqlite3_sql(statement_));
    sqlite3_reset(statement_);
  }
  std::string Text(int column) const {
    const unsigned char* text = sqlite3_column_text(statement_, column);
    return text == nullptr
               ? std::string()
               : std::string(reinterpret_cast<const char*>(text),
                             static_cast<size_t>(
                                 sqlite3_column_bytes(statement_, column)));
  }
  // Has every column made, and keeps none: their lengths.
  int64_t Look() const {
    int64_t bytes = 0;
    const int columns = sqlite3_column_count(statement_);
    for (int column = 0; column < columns; ++column) {
      if (sqlite3_column_type(statement_, column) == SQLITE_INTEGER) {
        bytes += sqlite3_column_int64(statement_, column) == 0 ? 0 : 8;
      } else if (sqlite3_column_text(statement_, column) != nullptr) {
        bytes += sqlite3_column_bytes(statement_, column);
      }
    }
    return bytes;
  }
  int64_t Number(int column) const {
    return sqlite3_column_int64(statement_, column);
  }

 private:
  void Bind(int index, const std::string& value) {
    sqlite3_bind_text(statement_, index, value.data(),
                      static_cast<int>(value.size()), SQLITE_STATIC);
  }
  void Bind(int index, const char* value) {
    sqlite3_bind_text(statement_, index, value, -1, SQLITE_STATIC);
  }
  void Bind(int index, std::nullptr_t) { sqlite3_bind_null(statement_, index); }
  void Bind(int index, int64_t value) {
    sqlite3_bind_int64(statement_, index, value);
  }

  Sqlite* const database_;
  sqlite3_stmt* statement_ = nullptr;
};

}  // namespace broadcast::bench

#endif  // BROADCASTD_BENCH_SQLITE_H_
