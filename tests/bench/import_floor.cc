// The rows that ImportPosts writes, by raw prepared statements and with nothing
// around them: one thread, groups as large as the server's transactions, its
// own pragmas and checkpoints. What ImportPosts is compared with.

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "commands.h"
#include "new_entries.h"
#include "new_posts.h"
#include "sqlite.h"
#include "sqlite_as_served.h"
#include "stopwatch.h"

namespace broadcast::bench {
namespace {

constexpr int64_t kDayInMicros = 86'400'000'000;

int64_t NowInMicros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// What every post leaves behind.
class PostWriter {
 public:
  explicit PostWriter(Sqlite* database)
      : content_(database,
                 "INSERT INTO contents (content_id, body, create_time) VALUES "
                 "(?1, ?2, ?3) ON CONFLICT DO NOTHING"),
        post_(database,
              "INSERT INTO posts (post_id, feed_id, client_id, external_id, "
              "content_id, state, close_reason, expire_time, labels, "
              "revision, create_time, update_time, close_time) VALUES (?1, "
              "?2, ?3, ?4, ?5, 'open', '', NULL, '{}', 1, ?6, ?6, NULL) "
              "ON CONFLICT (feed_id, external_id) DO NOTHING"),
        progress_(database,
                  "UPDATE imports SET received = received + ?2, created = "
                  "created + ?2, update_time = ?3 WHERE import_id = ?1") {}

  void Write(const std::string& post_id, const std::string& content_id,
             const NewPost& post, int64_t now) {
    content_.Run(content_id, R"({"text":")" + post.text + R"("})", now);
    post_.Run(post_id, kSeededFeedId, client_id_, post.external_id, content_id,
              now);
  }
  void End(const std::string& import_id, int64_t posts, int64_t now) {
    progress_.Run(import_id, posts, now);
  }

 private:
  SqliteStatement content_;
  SqliteStatement post_;
  SqliteStatement progress_;
  const std::string client_id_ = SeededLargeClientId();
};

// And what it does in a feed with a channel.
class MessageWriter {
 public:
  explicit MessageWriter(Sqlite* database)
      : message_(database,
                 "INSERT INTO messages (message_id, channel_id, client_id, "
                 "operation_id, feed_id, post_id, address, content_id, side, "
                 "state, post_time, update_time) VALUES (?1, ?2, ?3, ?4, ?5, "
                 "?6, 'posts', ?7, '', 'pending', ?8, ?8) "
                 "ON CONFLICT DO NOTHING"),
        operation_(database,
                   "INSERT INTO operations (operation_id, client_id, feed_id, "
                   "kind, state, reason, planned, sent, failed, unknown, "
                   "expired, cancelled, abandoned, sends, deadline, "
                   "last_error, settled, create_time, update_time) VALUES "
                   "(?1, ?2, ?3, 'import', 'running', '', ?4, 0, 0, 0, 0, 0, "
                   "0, ?4, ?5, '', 0, ?6, ?6)"),
        queue_(database,
               "INSERT INTO channel_queues (channel_id, client_id, lane_id, "
               "waiting, busy, not_before, paused_until, last_sequence) "
               "VALUES (?1, ?2, 'log', ?3, 0, ?4, 0, ?3) ON CONFLICT "
               "(channel_id) DO UPDATE SET waiting = channel_queues.waiting + "
               "excluded.waiting, last_sequence = "
               "channel_queues.last_sequence + excluded.last_sequence"),
        delivery_(database,
                  "INSERT INTO deliveries (delivery_id, operation_id, "
                  "client_id, channel_id, side, action, content_id, "
                  "message_id, post_id, on_unknown, deadline, create_time) "
                  "VALUES (?1, ?2, ?3, ?4, '', 'send', ?5, ?6, ?7, 'resend', "
                  "?8, ?9)"),
        ready_(database,
               "INSERT INTO ready (channel_id, sequence, delivery_id, "
               "not_before, attempts, fence, maybe_done) VALUES (?1, ?2, ?3, "
               "?4, 0, 0, 0)"),
        event_(database,
               "INSERT INTO events (client_id, kind, operation_id, detail, "
               "create_time) VALUES (?1, 'operation.created', ?2, '', ?3)") {}

  void Begin(const std::string& operation_id, int64_t posts, int64_t now) {
    operation_id_ = operation_id;
    operation_.Run(operation_id, client_id_, kSeededFeedId, posts,
                   now + kDayInMicros, now);
    queue_.Run(kSeededChannelId, client_id_, posts, now);
  }
  void Write(NewEntries& ids, const std::string& post_id,
             const std::string& content_id, int64_t now) {
    const std::string message_id = ids.OrderedId();
    const std::string delivery_id = ids.OrderedId();
    message_.Run(message_id, kSeededChannelId, client_id_, operation_id_,
                 kSeededFeedId, post_id, content_id, now);
    delivery_.Run(delivery_id, operation_id_, client_id_, kSeededChannelId,
                  content_id, message_id, post_id, now + kDayInMicros, now);
    ready_.Run(kSeededChannelId, ++sequence_, delivery_id, now);
  }
  void End(int64_t now) { event_.Run(client_id_, operation_id_, now); }

 private:
  SqliteStatement message_;
  SqliteStatement operation_;
  SqliteStatement queue_;
  SqliteStatement delivery_;
  SqliteStatement ready_;
  SqliteStatement event_;
  const std::string client_id_ = SeededLargeClientId();
  std::string operation_id_;
  int64_t sequence_ = 0;
};

class Importer {
 public:
  Importer(Sqlite* database, bool published)
      : posts_(database),
        begin_(database, "BEGIN IMMEDIATE"),
        commit_(database, "COMMIT") {
    if (published) messages_.emplace(database);
    SqliteStatement import(
        database,
        "INSERT INTO imports (import_id, feed_id, client_id, mode, "
        "validate_only, state, generation, close_cursor, received, created, "
        "updated, unchanged, reopened, closed, create_time, update_time) "
        "VALUES (?1, ?2, ?3, 'merge', 0, 'running', 1, '', 0, 0, 0, 0, 0, 0, "
        "?4, ?4)");
    import.Run(import_id_, kSeededFeedId, SeededLargeClientId(), NowInMicros());
  }

  void WriteGroup(int64_t posts) {
    begin_.Run();
    const int64_t now = NowInMicros();
    if (messages_.has_value()) messages_->Begin(ids_.OrderedId(), posts, now);
    for (int64_t i = 0; i < posts; ++i) {
      const std::string post_id = ids_.OrderedId();
      const std::string content_id = ids_.Hash();
      posts_.Write(post_id, content_id, made_.Next(), now);
      if (messages_.has_value()) {
        messages_->Write(ids_, post_id, content_id, now);
      }
    }
    if (messages_.has_value()) messages_->End(now);
    posts_.End(import_id_, posts, now);
    commit_.Run();
  }

 private:
  NewEntries ids_{1};
  NewPosts made_;
  const std::string import_id_ = ids_.OrderedId();
  PostWriter posts_;
  std::optional<MessageWriter> messages_;
  SqliteStatement begin_;
  SqliteStatement commit_;
};

}  // namespace

int ImportFloor(Flags& flags) {
  const std::string path = flags.Text("database");
  const bool published = flags.Number("published", 0) != 0;
  const int64_t group = flags.Number("group", 200);
  const double seconds = flags.Seconds("seconds", 5);
  const double warmup = flags.Seconds("warmup", 1);
  flags.Done();

  Sqlite database(path);
  ConfigureAsServed(database);
  Pace pace(warmup, seconds);
  {
    Checkpoints checkpoints(&database, path);
    Importer importer(&database, published);
    while (!pace.over()) {
      importer.WriteGroup(group);
      checkpoints.AfterCommit();
      pace.Did(group);
    }
  }
  const nlohmann::ordered_json result = {
      {"group", group},
      {"rate", pace.PerSecond()},
      {"posts", pace.total()},
      {"synchronous", database.Ask("PRAGMA synchronous")},
  };
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace broadcast::bench
