// The statements of intents and outcomes, as storage/outbox.cc and
// storage/outcomes.cc run them for deliveries that are sent, by raw prepared
// statements and with nothing around them: one thread, groups of a given size,
// the server's own pragmas and checkpoints, and no sender. What the server's
// deliveries to the log are compared with.

#include <cstdio>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "commands.h"
#include "new_entries.h"
#include "sqlite.h"
#include "sqlite_as_served.h"
#include "stopwatch.h"

namespace broadcast::bench {
namespace {

constexpr char kLane[] = "log";
constexpr char kOwner[] = "01970009-0000-7000-8000-000000000000";
// As many channels are looked up at once, at most.
constexpr int64_t kPage = 256;

struct Taken {
  std::string delivery_id;
  std::string channel_id;
  int64_t fence = 0;
};

int64_t NowInMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// The intents of one group.
class Intents {
 public:
  explicit Intents(Sqlite* database)
      : waiting_(database,
                 "SELECT q.channel_id, q.client_id, COALESCE((SELECT CASE WHEN "
                 "c.platform = 'telegram' AND substr(c.address, 1, 1) IN "
                 "('-', '@') THEN 1 ELSE 0 END FROM channels c WHERE "
                 "c.channel_id = q.channel_id), 0) FROM (SELECT channel_id, "
                 "client_id, not_before FROM channel_queues WHERE lane_id = ?1 "
                 "AND waiting > 0 AND busy = 0 AND not_before <= ?2 ORDER BY "
                 "not_before, client_id, channel_id LIMIT ?3) q ORDER BY "
                 "q.not_before, q.client_id, q.channel_id"),
        lane_(database,
              "SELECT epoch FROM lanes WHERE lane_id = ?1 AND owner = ?2 AND "
              "epoch = 1 AND lease_until > ?3"),
        lock_(database,
              "SELECT channel_id, lane_id, waiting, busy, paused_until, "
              "last_sequence FROM channel_queues WHERE channel_id = ?1"),
        head_(database,
              "SELECT r.delivery_id, q.channel_id, r.sequence, r.not_before, "
              "r.attempts, r.fence, d.operation_id, d.client_id, d.entry_id, "
              "d.side, o.kind, d.action, c.platform, c.account, "
              "COALESCE(d.address, c.address), k.body, d.target_message_id, "
              "m.platform_message_id, m.address, d.on_unknown, d.deadline, "
              "d.create_time, c.state FROM channel_queues q JOIN ready r ON "
              "r.channel_id = q.channel_id AND r.sequence = (SELECT "
              "min(b.sequence) FROM ready b WHERE b.channel_id = "
              "q.channel_id) JOIN deliveries d ON d.delivery_id = "
              "r.delivery_id JOIN operations o ON o.operation_id = "
              "d.operation_id JOIN channels c ON c.channel_id = d.channel_id "
              "LEFT JOIN contents k ON k.content_id = d.content_id LEFT JOIN "
              "messages m ON m.message_id = d.target_message_id WHERE "
              "q.channel_id = ?1 AND q.lane_id = ?2 AND q.busy = 0 AND "
              "q.waiting > 0 AND q.not_before <= ?3"),
        take_(database,
              "DELETE FROM ready WHERE channel_id = ?1 AND sequence = ?2 AND "
              "delivery_id = ?3 AND fence = ?4 AND (?5 = 0 OR NOT EXISTS "
              "(SELECT 1 FROM ready b WHERE b.channel_id = ?1 AND b.sequence "
              "< ?2))"),
        intend_(database,
                "INSERT INTO inflight (delivery_id, channel_id, sequence, "
                "lane_id, owner, epoch, fence, attempts, intent_time) "
                "VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8)"),
        store_(database,
               "UPDATE channel_queues SET waiting = ?2, busy = ?3, "
               "paused_until = ?4, last_sequence = ?5, not_before = MAX(?4, "
               "COALESCE((SELECT r.not_before FROM ready r "
               "WHERE r.channel_id = ?1 ORDER BY r.sequence LIMIT 1), 0)) "
               "WHERE channel_id = ?1") {}

  // Which channels come next: asked before the transaction, as ours is.
  std::vector<std::string> Look(int64_t most) {
    while (static_cast<int64_t>(seen_.size()) < most) {
      const size_t before = seen_.size();
      waiting_.Query(
          [this](const SqliteStatement& row) {
            std::string channel_id = row.Text(0);
            if (held_.insert({channel_id, true}).second) {
              seen_.push_back(std::move(channel_id));
            }
          },
          kLane, NowInMicros(), kPage + static_cast<int64_t>(held_.size()));
      if (seen_.size() == before) break;
    }
    std::vector<std::string> channels;
    while (!seen_.empty() && static_cast<int64_t>(channels.size()) < most) {
      channels.push_back(std::move(seen_.front()));
      seen_.pop_front();
      held_.erase(channels.back());
    }
    return channels;
  }

  void Record(const std::vector<std::string>& channels,
              std::deque<Taken>& taken) {
    const int64_t now = NowInMicros();
    lane_.Query([](const SqliteStatement&) {}, kLane, kOwner, now);
    for (const std::string& channel_id : channels) {
      int64_t waiting = 0;
      int64_t paused_until = 0;
      int64_t last = 0;
      lock_.Query(
          [&](const SqliteStatement& row) {
            waiting = row.Number(2);
            paused_until = row.Number(4);
            last = row.Number(5);
          },
          channel_id);
      Taken one{.delivery_id = "", .channel_id = channel_id, .fence = ++fence_};
      int64_t sequence = 0;
      int64_t old_fence = 0;
      head_.Query(
          [&](const SqliteStatement& row) {
            sequence = row.Number(2);
            one.delivery_id = row.Text(0);
            old_fence = row.Number(5);
            content_ = row.Text(15);
          },
          channel_id, kLane, now);
      take_.Run(channel_id, sequence, one.delivery_id, old_fence, int64_t{1});
      intend_.Run(one.delivery_id, channel_id, sequence, kLane, kOwner,
                  one.fence, int64_t{1}, now);
      store_.Run(channel_id, waiting - 1, int64_t{1}, paused_until, last);
      taken.push_back(std::move(one));
    }
  }

 private:
  SqliteStatement waiting_;
  SqliteStatement lane_;
  SqliteStatement lock_;
  SqliteStatement head_;
  SqliteStatement take_;
  SqliteStatement intend_;
  SqliteStatement store_;
  std::deque<std::string> seen_;
  std::map<std::string, bool> held_;
  std::string content_;
  int64_t fence_ = 0;
};

// The outcomes of one group: all were sent.
class Outcomes {
 public:
  explicit Outcomes(Sqlite* database)
      : inflight_(database,
                  "SELECT delivery_id, channel_id, sequence, lane_id, owner, "
                  "epoch, fence, attempts, intent_time FROM inflight "
                  "WHERE delivery_id = ?1"),
        facts_(database,
               "SELECT d.delivery_id, d.operation_id, d.client_id, "
               "d.channel_id, d.entry_id, d.side, d.action, d.content_id, "
               "d.target_message_id, d.address, d.on_unknown, d.deadline, "
               "c.account, c.address, COALESCE(e.replace_previous, 0) "
               "FROM deliveries d JOIN channels c ON c.channel_id = "
               "d.channel_id LEFT JOIN entries e ON e.entry_id = d.entry_id "
               "WHERE d.delivery_id = ?1"),
        settled_(database,
                 "SELECT delivery_id, state, reason, detail, http_status, "
                 "platform_message_id, fence, attempts, intent_time FROM "
                 "results WHERE delivery_id = ?1"),
        lock_(database,
              "SELECT channel_id, lane_id, waiting, busy, paused_until, "
              "last_sequence FROM channel_queues WHERE channel_id = ?1"),
        operation_(database,
                   "SELECT operation_id, client_id, entry_id, occurrence, "
                   "kind, state, reason, planned, sent, failed, unknown, "
                   "expired, cancelled, abandoned, last_error, cancel_time, "
                   "create_time, update_time, finish_time, sends, sends_sent, "
                   "sends_unknown, deadline, settled FROM operations "
                   "WHERE operation_id = ?1"),
        entry_(database,
               "SELECT entry_id, client_id, state, state_reason, "
               "last_outcome, current_operation_id, broadcast_count, "
               "success_count, partial_count, failure_count, "
               "consecutive_failure_count, last_error, last_error_time, "
               "revision, update_time FROM entries WHERE entry_id = ?1"),
        land_(database, "DELETE FROM inflight WHERE delivery_id = ?1"),
        result_(database,
                "INSERT INTO results (delivery_id, state, reason, detail, "
                "http_status, platform_message_id, fence, attempts, "
                "intent_time, finish_time) VALUES (?1, 'sent', '', '', 0, ?2, "
                "?3, 1, ?4, ?5)"),
        message_(database,
                 "INSERT INTO messages (message_id, channel_id, client_id, "
                 "entry_id, side, operation_id, address, platform_message_id, "
                 "content_id, state, post_time, update_time) VALUES (?1, ?2, "
                 "?3, ?4, ?5, ?6, ?7, ?8, ?9, 'live', ?10, ?10)"),
        healthy_(database, "DELETE FROM channel_health WHERE channel_id = ?1"),
        store_(database,
               "UPDATE channel_queues SET waiting = ?2, busy = ?3, "
               "paused_until = ?4, last_sequence = ?5, not_before = MAX(?4, "
               "COALESCE((SELECT r.not_before FROM ready r "
               "WHERE r.channel_id = ?1 ORDER BY r.sequence LIMIT 1), 0)) "
               "WHERE channel_id = ?1"),
        count_(database,
               "UPDATE operations SET state = ?2, planned = ?3, sent = ?4, "
               "failed = 0, unknown = 0, expired = 0, cancelled = 0, "
               "abandoned = 0, sends = ?3, sends_sent = ?4, sends_unknown = "
               "0, deadline = ?5, last_error = '', settled = ?6, cancel_time "
               "= NULL, finish_time = ?7, update_time = ?8 "
               "WHERE operation_id = ?1"),
        settle_(database,
                "UPDATE entries SET state = 'active', state_reason = '', "
                "last_outcome = 'sent', current_operation_id = NULL, "
                "broadcast_count = ?2, success_count = ?3, partial_count = 0, "
                "failure_count = 0, consecutive_failure_count = 0, "
                "last_error = '', last_error_time = NULL, revision = ?4, "
                "update_time = ?5 WHERE entry_id = ?1"),
        event_(database,
               "INSERT INTO events (client_id, kind, operation_id, entry_id, "
               "channel_id, delivery_id, detail, create_time) VALUES (?1, ?2, "
               "?3, ?4, ?5, ?6, ?7, ?8)") {}

  void Record(const std::vector<Taken>& group) {
    const int64_t now = NowInMicros();
    std::map<std::string, Counted> operations;
    for (const Taken& one : group) {
      int64_t intended = 0;
      inflight_.Query(
          [&](const SqliteStatement& row) { intended = row.Number(8); },
          one.delivery_id);
      Facts facts;
      facts_.Query(
          [&](const SqliteStatement& row) {
            facts = {.operation_id = row.Text(1),
                     .client_id = row.Text(2),
                     .entry_id = row.Text(4),
                     .side = row.Text(5),
                     .content_id = row.Text(7),
                     .address = row.Text(13)};
          },
          one.delivery_id);
      int64_t waiting = 0;
      int64_t paused_until = 0;
      int64_t last = 0;
      lock_.Query(
          [&](const SqliteStatement& row) {
            waiting = row.Number(2);
            paused_until = row.Number(4);
            last = row.Number(5);
          },
          one.channel_id);
      settled_.Query([](const SqliteStatement&) {}, one.delivery_id);
      land_.Run(one.delivery_id);
      const std::string posted = std::to_string(one.fence);
      result_.Run(one.delivery_id, posted, one.fence, intended, now);
      message_.Run(ids_.OrderedId(), one.channel_id, facts.client_id,
                   facts.entry_id, facts.side, facts.operation_id,
                   facts.address, posted, facts.content_id, now);
      healthy_.Run(one.channel_id);
      store_.Run(one.channel_id, waiting, int64_t{0}, paused_until, last);
      Counted& counted = operations[facts.operation_id];
      ++counted.ended;
      counted.client_id = facts.client_id;
      counted.entry_id = facts.entry_id;
    }
    for (auto& [operation_id, counted] : operations) {
      Count(operation_id, counted, now);
    }
  }

 private:
  struct Facts {
    std::string operation_id;
    std::string client_id;
    std::string entry_id;
    std::string side;
    std::string content_id;
    std::string address;
  };
  struct Counted {
    int64_t ended = 0;
    std::string client_id;
    std::string entry_id;
  };

  static constexpr char kCounts[] =
      R"({"planned":2,"sent":2,"failed":0,"unknown":0,"expired":0,)"
      R"("cancelled":0,"abandoned":0})";

  void Count(const std::string& operation_id, const Counted& counted,
             int64_t now) {
    int64_t planned = 0;
    int64_t sent = counted.ended;
    int64_t deadline = 0;
    operation_.Query(
        [&](const SqliteStatement& row) {
          planned = row.Number(7);
          sent += row.Number(8);
          deadline = row.Number(22);
        },
        operation_id);
    if (sent < planned) {
      count_.Run(operation_id, "running", planned, sent, deadline, int64_t{0},
                 nullptr, now);
      return;
    }
    count_.Run(operation_id, "finished", planned, sent, deadline, int64_t{1},
               now, now);
    int64_t broadcasts = 0;
    int64_t successes = 0;
    int64_t revision = 0;
    int64_t updated = 0;
    entry_.Query(
        [&](const SqliteStatement& row) {
          broadcasts = row.Number(6);
          successes = row.Number(7);
          revision = row.Number(13);
          updated = row.Number(14);
        },
        counted.entry_id);
    settle_.Run(counted.entry_id, broadcasts + 1, successes + 1, revision,
                updated);
    event_.Run(counted.client_id, "operation.finished", operation_id,
               counted.entry_id, nullptr, nullptr, kCounts, now);
  }

  SqliteStatement inflight_;
  SqliteStatement facts_;
  SqliteStatement settled_;
  SqliteStatement lock_;
  SqliteStatement operation_;
  SqliteStatement entry_;
  SqliteStatement land_;
  SqliteStatement result_;
  SqliteStatement message_;
  SqliteStatement healthy_;
  SqliteStatement store_;
  SqliteStatement count_;
  SqliteStatement settle_;
  SqliteStatement event_;
  NewEntries ids_{1};
};

}  // namespace

int DeliveryFloor(Flags& flags) {
  const std::string path = flags.Text("database");
  const int64_t intents = flags.Number("intents", 64);
  const int64_t outcomes = flags.Number("outcomes", 64);
  const double seconds = flags.Seconds("seconds", 5);
  const double warmup = flags.Seconds("warmup", 1);
  flags.Done();

  Sqlite database(path);
  ConfigureAsServed(database);
  Pace pace(warmup, seconds);
  {
    Checkpoints checkpoints(&database, path);
    Intents intent(&database);
    Outcomes outcome(&database);
    SqliteStatement begin_group(&database, "BEGIN IMMEDIATE");
    SqliteStatement commit_group(&database, "COMMIT");
    std::deque<Taken> taken;
    while (!pace.over()) {
      while (static_cast<int64_t>(taken.size()) < outcomes) {
        const std::vector<std::string> channels = intent.Look(intents);
        if (channels.empty()) Die("there is nothing left to send");
        begin_group.Run();
        intent.Record(channels, taken);
        commit_group.Run();
        checkpoints.AfterCommit();
      }
      std::vector<Taken> group;
      for (int64_t i = 0; i < outcomes; ++i) {
        group.push_back(std::move(taken.front()));
        taken.pop_front();
      }
      begin_group.Run();
      outcome.Record(group);
      commit_group.Run();
      checkpoints.AfterCommit();
      pace.Did(outcomes);
    }
  }
  const nlohmann::ordered_json result = {
      {"intents", intents},
      {"outcomes", outcomes},
      {"rate", pace.PerSecond()},
      {"sent_total", pace.total()},
      {"synchronous", database.Ask("PRAGMA synchronous")},
  };
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace broadcast::bench
