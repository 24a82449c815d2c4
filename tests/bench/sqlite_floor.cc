// The rows that one CreateEntry writes, by raw prepared statements and with
// nothing around them: one thread, groups of a given size, the server's own
// pragmas and checkpoints. What the server's rate is compared with.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "commands.h"
#include "new_entries.h"
#include "sqlite.h"
#include "sqlite_as_served.h"
#include "stopwatch.h"

namespace broadcast::bench {
namespace {

constexpr int kRowsPerEntry = 7;
constexpr int64_t kDayInMicros = 86'400'000'000;

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  if (!file) Die("cannot read " + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// All migrations of the folder, in their order.
std::string ReadMigrations(const std::string& folder) {
  std::set<std::string> paths;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const std::string path = file.path().string();
    if (path.ends_with(".sqlite.sql")) paths.insert(path);
  }
  std::string text;
  for (const std::string& path : paths) text += ReadFile(path);
  return text;
}

class Writer {
 public:
  explicit Writer(Sqlite* database)
      : client_(database,
                "INSERT INTO clients (client_id, display_name, pair_count, "
                "labels, revision, create_time, update_time) "
                "VALUES (?1, '', 1, '{}', 1, ?2, ?2) ON CONFLICT (client_id) "
                "DO UPDATE SET pair_count = clients.pair_count + 1"),
        channel_(database,
                 "INSERT INTO channels (channel_id, client_id, platform, "
                 "address, account, title, state, state_reason, revision, "
                 "create_time, update_time) VALUES (?1, ?2, 'log', ?3, ?4, "
                 "?5, 'active', '', 1, ?6, ?6) ON CONFLICT DO NOTHING"),
        pair_(database,
              "INSERT INTO channel_pairs (channel_pair_id, client_id, "
              "open_channel_id, closed_channel_id, create_time) "
              "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"),
        entry_(database,
               "INSERT INTO entries (entry_id, client_id, channel_pair_id, "
               "state, state_reason, last_outcome, interval_us, "
               "next_send_time, broadcast_count, success_count, "
               "partial_count, failure_count, consecutive_failure_count, "
               "manual_trigger_count, last_error, labels, revision, "
               "create_time, update_time) VALUES (?1, ?2, ?3, 'active', '', "
               "'pending', ?4, ?5, 0, 0, 0, 0, 0, 0, '', '{}', 1, ?5, ?5)"),
        request_(database,
                 "INSERT INTO request_ids (scope, method, request_id, "
                 "payload_hash, answer, expire_time) "
                 "VALUES ('*', 'CreateEntry', ?, ?, ?, ?)"),
        audit_(database,
               "INSERT INTO audit_events (audit_event_id, create_time, "
               "principal, client_id, method, event, peer, request_id, "
               "outcome, resources, row_count) VALUES (?1, ?2, 'local', ?3, "
               "'CreateEntry', 'entry.created', 'ipv4:127.0.0.1:50412', ?4, "
               "'OK', ?5, 1)") {}

  void Write(const NewEntry& entry, int64_t now) {
    const std::string open_id = ids_.OrderedId();
    const std::string closed_id = ids_.OrderedId();
    const std::string pair_id = ids_.OrderedId();
    const std::string entry_id = ids_.OrderedId();
    client_.Run(entry.client_id, now);
    channel_.Run(open_id, entry.client_id, entry.open_address, kAccount,
                 kOpenTitle, now);
    channel_.Run(closed_id, entry.client_id, entry.closed_address, kAccount,
                 kClosedTitle, now);
    pair_.Run(pair_id, entry.client_id, open_id, closed_id, now);
    entry_.Run(entry_id, entry.client_id, pair_id, kDayInMicros, now);
    request_.Run(entry.request_id, ids_.Hash(), entry_id, now + kDayInMicros);
    audit_.Run(ids_.OrderedId(), now, entry.client_id, entry.request_id,
               R"({"channel_pair_id":")" + pair_id +
                   R"(","closed_channel_id":")" + closed_id +
                   R"(","entry_id":")" + entry_id + R"(","open_channel_id":")" +
                   open_id + R"("})");
  }

 private:
  SqliteStatement client_;
  SqliteStatement channel_;
  SqliteStatement pair_;
  SqliteStatement entry_;
  SqliteStatement request_;
  SqliteStatement audit_;
  NewEntries ids_{1};
};

int64_t NowInMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

int SqliteFloor(Flags& flags) {
  const std::string path = flags.Text("database");
  const std::string schema = flags.Text("schema");
  const int64_t group = flags.Number("group", 64);
  const double seconds = flags.Seconds("seconds", 5);
  const double warmup = flags.Seconds("warmup", 1);
  flags.Done();

  Sqlite database(path);
  ConfigureAsServed(database);
  database.Run(ReadMigrations(schema));
  std::vector<float> commits;  // microseconds of one group
  Pace pace(warmup, seconds);
  {
    Checkpoints checkpoints(&database, path);
    Writer writer(&database);
    NewEntries names(1);
    SqliteStatement begin_group(&database, "BEGIN IMMEDIATE");
    SqliteStatement commit_group(&database, "COMMIT");
    while (!pace.over()) {
      const SteadyTime start = SteadyClock::now();
      begin_group.Run();
      for (int64_t i = 0; i < group; ++i) {
        writer.Write(names.Next(), NowInMicros());
      }
      commit_group.Run();
      if (pace.warm())
        commits.push_back(static_cast<float>(MicrosSince(start)));
      checkpoints.AfterCommit();
      pace.Did(group);
    }
  }
  const double rate = pace.PerSecond();
  const nlohmann::ordered_json result = {
      {"group", group},
      {"rate", rate},
      {"rows_per_second", rate * kRowsPerEntry},
      {"ok_total", pace.total()},
      {"batch_p50_us", Percentile(commits, 0.5)},
      {"batch_p99_us", Percentile(commits, 0.99)},
      {"journal_mode", database.Ask("PRAGMA journal_mode")},
      {"synchronous", database.Ask("PRAGMA synchronous")},
  };
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace broadcast::bench
