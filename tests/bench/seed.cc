// Fills a database that `broadcastd migrate` has made: N entries with their
// pairs, channels and clients, or a feed with N open posts that its channel
// shows, in statements that make them from their numbers.

#include <libpq-fe.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "commands.h"
#include "new_entries.h"
#include "sqlite.h"
#include "stopwatch.h"

namespace broadcast::bench {
namespace {

// What the two say differently.
struct Dialect {
  // A table s with the column i from 0 to below %N.
  std::string series;
  // A number with leading zeros: what stands before and after it.
  std::string digits_begin, digits_end;
  // Makes a uuid of a text.
  std::string as_uuid;
};

const Dialect kSqlite = {
    "(WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n "
    "WHERE i + 1 < %N) SELECT i FROM n) AS s",
    "printf('%012d', ", ")", ""};
const Dialect kPostgres = {
    "(SELECT i FROM generate_series(0::bigint, %N - 1) AS g(i)) AS s", "lpad((",
    ")::text, 12, '0')", "::uuid"};

enum Kind {
  kClient = 1,
  kChannel = 2,
  kPair = 3,
  kEntry = 4,
  kFeed = 7,
  kPost = 8,
  kMessage = 9,
};

class Script {
 public:
  Script(Dialect dialect, int64_t now)
      : dialect_(std::move(dialect)), now_(std::to_string(now)) {}

  // Every tenth entry is client 0's; the others belong to clients of nine.
  std::vector<std::string> Entries(int64_t entries) const {
    const std::string channel_owner = Owner("(i / 2)");
    const std::string owner = Owner("i");
    // Times grow with the numbers; when an entry is next due does not.
    const std::string created = now_ + " - 86400000000 + i * 1000";
    const std::string due =
        now_ + " + 86400000000 + (i * 7919) % 1000003 * 80000";
    return {
        "INSERT INTO clients (client_id, display_name, pair_quota, pair_count, "
        "labels, revision, create_time, update_time) SELECT " +
            Id(kClient, "i") +
            ", '', CASE WHEN i = 0 THEN 1000000 END, CASE WHEN i = 0 THEN " +
            std::to_string(entries / 10) + " ELSE 9 END, '{}', 1, " + created +
            ", " + created + " FROM " + Series(entries / 10 + 1),
        "INSERT INTO channels (channel_id, client_id, platform, address, "
        "account, title, state, state_reason, revision, create_time, "
        "update_time) SELECT " +
            Id(kChannel, "i") + ", " + channel_owner +
            ", 'log', CASE i % 2 WHEN 0 THEN 'open-' ELSE 'closed-' END || " +
            Digits("i / 2") +
            ", 'log', CASE i % 2 WHEN 0 THEN 'Open channel' ELSE "
            "'Closed channel' END, 'active', '', 1, " +
            created + ", " + created + " FROM " + Series(entries * 2),
        "INSERT INTO channel_pairs (channel_pair_id, client_id, "
        "open_channel_id, closed_channel_id, create_time) SELECT " +
            Id(kPair, "i") + ", " + owner + ", " + Id(kChannel, "i * 2") +
            ", " + Id(kChannel, "i * 2 + 1") + ", " + created + " FROM " +
            Series(entries),
        "INSERT INTO entries (entry_id, client_id, channel_pair_id, state, "
        "state_reason, last_outcome, interval_us, next_send_time, "
        "broadcast_count, success_count, partial_count, failure_count, "
        "consecutive_failure_count, manual_trigger_count, last_error, labels, "
        "revision, create_time, update_time) SELECT " +
            Id(kEntry, "i") + ", " + owner + ", " + Id(kPair, "i") +
            ", 'active', '', 'pending', 86400000000, " + due +
            ", 0, 0, 0, 0, 0, 0, '', '{}', 1, " + created + ", " + created +
            " FROM " + Series(entries),
    };
  }

  // One feed, published to one channel to the log, or to none; its posts have
  // contents of their own, and the channel shows all of them.
  std::vector<std::string> Feed(int64_t posts, bool published) const {
    const std::string created = now_ + " - 86400000000 + i";
    const std::string content =
        "('" + std::string(52, '0') + "' || " + Digits("i") + ")";
    std::vector<std::string> statements = {
        "INSERT INTO clients (client_id, display_name, pair_count, labels, "
        "revision, create_time, update_time) SELECT " +
            Id(kClient, "i") + ", '', 0, '{}', 1, " + now_ + ", " + now_ +
            " FROM " + Series(1),
        "INSERT INTO channels (channel_id, client_id, platform, address, "
        "account, title, state, state_reason, revision, create_time, "
        "update_time) SELECT " +
            Id(kChannel, "i") + ", " + Id(kClient, "i") +
            ", 'log', 'posts', 'log', 'Posts', 'active', '', 1, " + now_ +
            ", " + now_ + " FROM " + Series(1),
        "INSERT INTO feeds (feed_id, client_id, name, display_name, state, "
        "labels, revision, create_time, update_time) SELECT " +
            Id(kFeed, "i") + ", " + Id(kClient, "i") +
            ", 'posts', '', 'open', '{}', 1, " + now_ + ", " + now_ + " FROM " +
            Series(1),
    };
    if (published) {
      statements.push_back(
          "INSERT INTO feed_channels (feed_id, channel_id, client_id, "
          "create_time) SELECT " +
          Id(kFeed, "i") + ", " + Id(kChannel, "i") + ", " + Id(kClient, "i") +
          ", " + now_ + " FROM " + Series(1));
    }
    if (posts == 0) return statements;
    statements.push_back(
        "INSERT INTO contents (content_id, body, create_time) SELECT " +
        content + ", '{\"text\":\"Post ' || " + Digits("i") + " || '\"}', " +
        created + " FROM " + Series(posts));
    statements.push_back(
        "INSERT INTO posts (post_id, feed_id, client_id, external_id, "
        "content_id, state, close_reason, labels, revision, create_time, "
        "update_time) SELECT " +
        Id(kPost, "i") + ", " + Id(kFeed, "0") + ", " + Id(kClient, "0") +
        ", 'post-' || " + Digits("i") + ", " + content +
        ", 'open', '', '{}', 1, " + created + ", " + created + " FROM " +
        Series(posts));
    if (!published) return statements;
    statements.push_back(
        "INSERT INTO messages (message_id, channel_id, client_id, feed_id, "
        "post_id, side, address, platform_message_id, content_id, state, "
        "post_time, update_time) SELECT " +
        Id(kMessage, "i") + ", " + Id(kChannel, "0") + ", " + Id(kClient, "0") +
        ", " + Id(kFeed, "0") + ", " + Id(kPost, "i") + ", '', 'posts', " +
        Digits("i") + ", " + content + ", 'live', " + created + ", " + created +
        " FROM " + Series(posts));
    return statements;
  }

 private:
  std::string Digits(const std::string& number) const {
    return dialect_.digits_begin + number + dialect_.digits_end;
  }
  std::string Id(Kind kind, const std::string& number) const {
    return "('0197000" + std::to_string(kind) + "-0000-7000-8000-' || " +
           Digits(number) + ")" + dialect_.as_uuid;
  }
  std::string Owner(const std::string& entry) const {
    return Id(kClient, "CASE " + entry + " % 10 WHEN 0 THEN 0 ELSE 1 + " +
                           entry + " / 10 END");
  }
  std::string Series(int64_t count) const {
    std::string series = dialect_.series;
    return series.replace(series.find("%N"), 2, std::to_string(count));
  }

  const Dialect dialect_;
  const std::string now_;
};

void SeedSqlite(const std::string& path,
                const std::vector<std::string>& statements) {
  Sqlite database(path);
  database.Run("PRAGMA synchronous = OFF");
  database.Run("PRAGMA journal_mode = OFF");
  database.Run("PRAGMA cache_size = -262144");
  // An index is made faster at once than row by row.
  std::vector<std::pair<std::string, std::string>> indexes;
  const auto note = [](void* into, int, char** values, char**) {
    static_cast<decltype(indexes)*>(into)->emplace_back(values[0], values[1]);
    return 0;
  };
  const std::string list =
      "SELECT name, sql FROM sqlite_schema "
      "WHERE type = 'index' AND sql IS NOT NULL";
  database.Check(
      sqlite3_exec(database.handle(), list.c_str(), note, &indexes, nullptr),
      list);
  for (const auto& [name, sql] : indexes) database.Run("DROP INDEX " + name);
  for (const std::string& statement : statements) database.Run(statement);
  for (const auto& [name, sql] : indexes) database.Run(sql);
  database.Run("PRAGMA journal_mode = WAL");
  database.Run("PRAGMA synchronous = FULL");
  database.Run("PRAGMA wal_checkpoint(TRUNCATE)");
}

void SeedPostgres(const std::string& url,
                  const std::vector<std::string>& statements) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection(
      PQconnectdb(url.c_str()), &PQfinish);
  const auto run = [&](const std::string& sql) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection.get(), sql.c_str()), &PQclear);
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      Die(std::string(PQerrorMessage(connection.get())) + ": " + sql);
    }
  };
  run("SET client_min_messages = error");
  // Ours are right: no foreign key is looked up row by row.
  run("SET session_replication_role = replica");
  run("SET synchronous_commit = off");
  for (const std::string& statement : statements) run(statement);
  run("VACUUM ANALYZE");
  run("CHECKPOINT");
}

}  // namespace

int SeedDatabase(Flags& flags) {
  const std::string database = flags.Text("database");
  const int64_t wanted = flags.Number("entries", 1'000'000);
  // A feed instead of entries, if there is to be one.
  const int64_t posts = flags.Number("posts", -1);
  const bool published = flags.Number("published", 1) != 0;
  flags.Done();
  const int64_t entries = (wanted + 9) / 10 * 10;
  const int64_t now = std::chrono::duration_cast<std::chrono::microseconds>(
                          std::chrono::system_clock::now().time_since_epoch())
                          .count();
  const SteadyTime start = SteadyClock::now();
  constexpr char kPrefix[] = "sqlite:";
  const bool sqlite = database.rfind(kPrefix, 0) == 0;
  const Script script(sqlite ? kSqlite : kPostgres, now);
  const std::vector<std::string> statements =
      posts < 0 ? script.Entries(entries) : script.Feed(posts, published);
  if (sqlite) {
    SeedSqlite(database.substr(sizeof(kPrefix) - 1), statements);
  } else {
    SeedPostgres(database, statements);
  }
  nlohmann::ordered_json result;
  if (posts < 0) {
    result = {{"entries", entries}, {"client_id", SeededLargeClientId()}};
  } else {
    result = {{"posts", posts},
              {"feed_id", kSeededFeedId},
              {"channel_id", kSeededChannelId}};
  }
  result["seconds"] = MicrosSince(start) / 1e6;
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace broadcast::bench
