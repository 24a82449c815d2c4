// The two ordered reads that a plan is made of, each run to its end as one
// statement: the open posts of the seeded feed and the messages that its
// channel shows, in the order of the posts. Every column is looked at, none is
// kept. What a plan of Sync is compared with.

#include <libpq-fe.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "commands.h"
#include "new_entries.h"
#include "sqlite.h"
#include "stopwatch.h"

namespace broadcast::bench {
namespace {

// The columns of storage/plan_reads.cc that stand in the table itself.
const std::string kPosts =
    "SELECT post_id, content_id FROM posts WHERE feed_id = '" +
    std::string(kSeededFeedId) +
    "' AND state = 'open' AND (expire_time IS NULL OR expire_time > 0) "
    "ORDER BY feed_id, post_id";
const std::string kMessages =
    "SELECT post_id, message_id, content_id, state, post_time FROM messages "
    "WHERE channel_id = '" +
    std::string(kSeededChannelId) + "' AND feed_id = '" +
    std::string(kSeededFeedId) +
    "' AND post_id IS NOT NULL AND (state = 'live' OR state = 'pending' OR "
    "state = 'unknown' OR state = 'undeletable') "
    "ORDER BY channel_id, feed_id, post_id";

struct Read {
  int64_t rows = 0;
  int64_t bytes = 0;

  Read& operator+=(const Read& other) {
    rows += other.rows;
    bytes += other.bytes;
    return *this;
  }
};

Read ReadSqlite(Sqlite& database, const std::string& sql) {
  SqliteStatement statement(&database, sql);
  Read read;
  statement.Query([&](const SqliteStatement& row) {
    ++read.rows;
    read.bytes += row.Look();
  });
  return read;
}

Read ReadSqlite(const std::string& path) {
  Sqlite database(path);
  // As the server's readers have it: storage/session.cc.
  database.Run("PRAGMA query_only = ON");
  database.Run("PRAGMA mmap_size = 1073741824");
  Read read = ReadSqlite(database, kPosts);
  read += ReadSqlite(database, kMessages);
  return read;
}

// COPY is the fastest way that rows can leave PostgreSQL.
Read ReadPostgres(PGconn* connection, const std::string& sql) {
  const auto check = [&](ExecStatusType wanted, PGresult* answer) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(answer,
                                                               &PQclear);
    if (PQresultStatus(answer) != wanted) {
      Die(std::string(PQerrorMessage(connection)) + ": " + sql);
    }
  };
  const std::string copy = "COPY (" + sql + ") TO STDOUT";
  check(PGRES_COPY_OUT, PQexec(connection, copy.c_str()));
  Read read;
  char* row = nullptr;
  int length = 0;
  while ((length = PQgetCopyData(connection, &row, 0)) > 0) {
    ++read.rows;
    read.bytes += length;
    PQfreemem(row);
  }
  if (length == -2) Die(PQerrorMessage(connection));
  check(PGRES_COMMAND_OK, PQgetResult(connection));
  while (PGresult* more = PQgetResult(connection)) PQclear(more);
  return read;
}

Read ReadPostgres(const std::string& url) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
      PQconnectdb(url.c_str()), &PQfinish);
  Read read = ReadPostgres(connection.get(), kPosts);
  read += ReadPostgres(connection.get(), kMessages);
  return read;
}

}  // namespace

int PlanFloor(Flags& flags) {
  const std::string database = flags.Text("database");
  flags.Done();
  constexpr char kPrefix[] = "sqlite:";
  const bool sqlite = database.rfind(kPrefix, 0) == 0;
  const SteadyTime start = SteadyClock::now();
  const Read read = sqlite ? ReadSqlite(database.substr(sizeof(kPrefix) - 1))
                           : ReadPostgres(database);
  const double seconds = MicrosSince(start) / 1e6;
  const nlohmann::ordered_json result = {
      {"rows", read.rows},
      {"bytes", read.bytes},
      {"seconds", seconds},
      {"rate", static_cast<double>(read.rows) / seconds},
  };
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace broadcast::bench
