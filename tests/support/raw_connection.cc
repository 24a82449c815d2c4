#include "support/raw_connection.h"

#include <libpq-fe.h>
#include <sqlite3.h>

#include <stdexcept>

#include "absl/strings/str_cat.h"

namespace broadcast::test {
namespace {

using AllRows = std::vector<std::vector<std::string>>;

[[noreturn]] void Fail(const char* message, const std::string& sql) {
  throw std::runtime_error(absl::StrCat(message, " in: ", sql));
}

AllRows SqliteRows(sqlite3* database, const std::string& sql) {
  AllRows rows;
  const auto add = [](void* out, int count, char** values, char**) {
    auto& row = static_cast<AllRows*>(out)->emplace_back();
    for (int i = 0; i < count; ++i) {
      row.emplace_back(values[i] == nullptr ? "<null>" : values[i]);
    }
    return 0;
  };
  char* message = nullptr;
  if (sqlite3_exec(database, sql.c_str(), add, &rows, &message) != SQLITE_OK) {
    const std::string copy = message == nullptr ? "failed" : message;
    sqlite3_free(message);
    Fail(copy.c_str(), sql);
  }
  return rows;
}

AllRows PostgresRows(PGconn* connection, const std::string& sql) {
  AllRows rows;
  PGresult* const result = PQexec(connection, sql.c_str());
  const ExecStatusType status = PQresultStatus(result);
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK &&
      status != PGRES_EMPTY_QUERY) {
    PQclear(result);
    Fail(PQerrorMessage(connection), sql);
  }
  for (int i = 0; i < PQntuples(result); ++i) {
    auto& row = rows.emplace_back();
    for (int k = 0; k < PQnfields(result); ++k) {
      row.emplace_back(
          PQgetisnull(result, i, k) != 0 ? "<null>" : PQgetvalue(result, i, k));
    }
  }
  PQclear(result);
  return rows;
}

}  // namespace

struct RawConnection::Handles {
  sqlite3* sqlite = nullptr;
  PGconn* postgres = nullptr;

  ~Handles() {
    sqlite3_close(sqlite);
    PQfinish(postgres);
  }
};

RawConnection::RawConnection(const storage::Location& location)
    : handles_(new Handles) {
  if (location.backend == storage::Backend::kSqlite) {
    if (sqlite3_open(location.path.c_str(), &handles_->sqlite) != SQLITE_OK) {
      delete handles_;
      Fail("cannot open", location.path);
    }
    Execute("PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0");
    sqlite3_busy_timeout(handles_->sqlite, 10000);
  } else {
    handles_->postgres = PQconnectdb(location.conninfo.c_str());
    if (PQstatus(handles_->postgres) != CONNECTION_OK) {
      const std::string message = PQerrorMessage(handles_->postgres);
      delete handles_;
      Fail(message.c_str(), "connect");
    }
    Execute("SET client_min_messages = warning");
  }
}

RawConnection::~RawConnection() { delete handles_; }

void RawConnection::Execute(const std::string& sql) { Rows(sql); }

AllRows RawConnection::Rows(const std::string& sql) {
  return handles_->sqlite != nullptr ? SqliteRows(handles_->sqlite, sql)
                                     : PostgresRows(handles_->postgres, sql);
}

std::string RawConnection::Text(const std::string& sql) {
  const AllRows rows = Rows(sql);
  return rows.empty() ? "<none>" : rows[0].at(0);
}

int64_t RawConnection::Number(const std::string& sql) {
  return std::stoll(Text(sql));
}

std::vector<std::string> RawConnection::Column(const std::string& sql) {
  std::vector<std::string> column;
  for (const auto& row : Rows(sql)) column.push_back(row.at(0));
  return column;
}

}  // namespace broadcast::test
