// The read sessions. On SQLite a point read runs inline on the caller's
// thread, borrowing a session; everything else runs on a bounded pool. Owned
// by Database; any thread.
#ifndef BROADCASTD_STORAGE_READERS_H_
#define BROADCASTD_STORAGE_READERS_H_

#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "storage/location.h"
#include "storage/queue.h"
#include "storage/transaction_time.h"

namespace broadcast::storage {

class Session;

enum class ReadKind {
  kPoint,  // one statement that reads a few rows by an index
  kScan,   // anything else: one snapshot around all its statements
};

class Readers {
 public:
  struct Options {
    int inline_sessions = 4;  // SQLite
    int threads = 2;
    size_t queue = 4096;
  };

  // All pointers outlive this.
  Readers(Location location, const Options& options, const Clock* clock,
          TransactionTime* time, Log* log, StorageMetrics* metrics);
  ~Readers();

  // Returns UNAVAILABLE if the database cannot be reached.
  absl::Status Start();

  // `done` is called exactly once: before this returns for a point read on
  // SQLite or a full queue, else on a thread of the pool.
  void Read(ReadKind kind, Patience patience, Body body, Done done);

  // Answers what is queued, then stops the threads.
  void Stop();

  // False while the last read found the database out of reach. Then it asks
  // the database anew: nobody else may read from a server that is not healthy.
  bool healthy();

 private:
  void Loop(Session& session);
  absl::Status Run(Session& session, ReadKind kind, Body& body);
  absl::Status RunOnce(Session& session, ReadKind kind, Body& body);
  std::unique_ptr<Session> Borrow();  // null once stopped
  void Return(std::unique_ptr<Session> session);

  // Constant after construction.
  const Location location_;
  const Options options_;
  const Clock* const clock_;
  TransactionTime* const time_;
  Log* const log_;
  StorageMetrics* const metrics_;

  JobQueue queue_;
  std::atomic<bool> healthy_{true};
  std::atomic<bool> asking_{false};
  absl::Mutex mu_;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
  std::vector<std::unique_ptr<Session>> idle_ ABSL_GUARDED_BY(mu_);
  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<std::thread> threads_;
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_READERS_H_
