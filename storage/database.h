// The database: opens it, runs reads and writes on it, and keeps its promises
// on both backends. Start here to read the storage layer.
//
// A write is durable before its caller is answered. A read sees what was
// committed. Bodies get a Transaction and do nothing but SQL with it: a body
// may be run again from its start, so it assigns its results anew and brings
// its ids from outside.
//
// The environment owns the one Database; any thread may call it. Callbacks run
// on threads of the database and must not block.
#ifndef BROADCASTD_STORAGE_DATABASE_H_
#define BROADCASTD_STORAGE_DATABASE_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/metrics.h"
#include "storage/checkpointer.h"
#include "storage/file_lock.h"
#include "storage/location.h"
#include "storage/migrate.h"
#include "storage/queue.h"
#include "storage/readers.h"
#include "storage/transaction_time.h"
#include "storage/writer.h"

namespace broadcast::storage {

struct WriteOptions {
  Patience patience;
  Priority priority = Priority::kRequest;

  // Running the body twice has the effect of running it once, because a
  // request id or a fence guards it: it may be repeated when the answer to a
  // COMMIT is lost.
  bool guarded = false;

  // The body's first try is one statement, without a transaction around it.
  // PostgreSQL only, and only if `guarded`. A body that answers with a
  // constraint's error is run again as a whole transaction.
  bool single = false;

  // Undo the body's changes whatever it answers, to learn what it would do.
  bool undo = false;
};

class Database {
 public:
  struct Options {
    Location location;
    const Clock* clock = nullptr;
    Log* log = nullptr;
    prometheus::Registry* registry = nullptr;

    bool migrate = true;        // apply missing migrations, else refuse
    bool group_commit = true;   // SQLite: off commits each write by itself
    int postgres_sessions = 8;  // that write; half as many read
    int scan_threads = 2;
    size_t write_queue = limits::kMaxQueuedWrites;
    size_t read_queue = limits::kMaxQueuedReads;
    absl::Duration postgres_clock_offset = absl::ZeroDuration();

    // Called once, on a thread of the database, when the disk has failed so
    // that nothing may be written any more: the process should end.
    std::function<void()> on_fatal = [] {};

    absl::Span<const Migration> migrations = Migrations();
  };

  // Pointers in `options` outlive the database.
  // Returns UNAVAILABLE if it cannot be reached or is in use by another
  // process, FAILED_PRECONDITION if its schema does not fit this binary.
  static absl::StatusOr<std::unique_ptr<Database>> Open(Options options);
  ~Database();

  // Queues `body` and calls `done` with what it answered once that is
  // durable. Errors besides the body's own: RESOURCE_EXHAUSTED (queue or disk
  // full), UNAVAILABLE (unreachable, locked, read-only, or the outcome is
  // unknown), DEADLINE_EXCEEDED and CANCELLED (before it started: nothing was
  // done), INTERNAL.
  void Write(WriteOptions options, Body body, Done done);

  // Runs `body` as a read and calls `done`. Errors as for Write, without
  // anything unknown. See ReadKind for which thread that is.
  void Read(ReadKind kind, Patience patience, Body body, Done done);

  // The same, waiting for the answer. Not for threads that serve calls.
  absl::Status Write(WriteOptions options, Body body);
  absl::Status Read(ReadKind kind, Body body);

  // Makes what is queued durable, empties the write-ahead log and closes.
  // Later calls answer UNAVAILABLE.
  void Stop();

  // False while the database cannot be reached or refuses to write.
  bool healthy() const;

  Backend backend() const { return options_.location.backend; }
  SchemaVersion schema() const { return schema_; }

  // Moves PostgreSQL's time, for tests.
  TransactionTime& time() { return time_; }

 private:
  explicit Database(Options options);
  absl::Status Start();
  absl::Status OpenSchema();

  // Constant after Start.
  const Options options_;
  SchemaVersion schema_;
  std::unique_ptr<FileLock> lock_;

  StorageMetrics metrics_;
  TransactionTime time_;
  // In the order in which they start; they stop in the reverse order.
  std::unique_ptr<Checkpointer> checkpointer_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Readers> readers_;
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_DATABASE_H_
