// The committer: takes queued bodies and makes them durable before it answers.
// SQLite has one thread that commits everything queued in one transaction, in
// which a body that fails is undone alone; PostgreSQL has several, each with a
// session and one body a transaction, because its server shares the fsync
// already. Owned by Database; Submit may be called by any thread.
#ifndef BROADCASTD_STORAGE_WRITER_H_
#define BROADCASTD_STORAGE_WRITER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "storage/answerer.h"
#include "storage/checkpointer.h"
#include "storage/location.h"
#include "storage/queue.h"
#include "storage/transaction_time.h"

namespace broadcast::storage {

class Session;

class Writer {
 public:
  struct Options {
    int sessions = 1;     // threads, each with a connection
    size_t group = 256;   // bodies a commit, at most
    size_t queue = 8192;  // bodies that may wait
    absl::Duration patience = absl::Seconds(5);  // for a lock or a connection
  };

  // All pointers outlive the writer. `checkpointer` is null on PostgreSQL.
  // `on_fatal` is called, on a committer thread, once the disk has failed so
  // that nothing may be written any more.
  Writer(Location location, const Options& options, const Clock* clock,
         TransactionTime* time, Log* log, StorageMetrics* metrics,
         Checkpointer* checkpointer, std::function<void()> on_fatal);
  ~Writer();

  // Connects and starts the threads.
  // Returns UNAVAILABLE if the database cannot be reached.
  absl::Status Start();

  // `job.done` is called exactly once: here with RESOURCE_EXHAUSTED if the
  // queue is full, else on a thread of the writer.
  void Submit(Job job);

  // Commits what is queued, then stops the threads.
  void Stop();

  // False while the database refuses or cannot be reached.
  bool healthy() const { return healthy_; }

 private:
  void Loop(Session& session);
  std::vector<Job> DropImpatient(std::vector<Job> jobs);

  // True for a single job that nobody waits for any more.
  bool IsLate(const std::vector<Job>& jobs) const;
  void RunGroup(Session& session, std::vector<Job> jobs);

  // Runs the bodies and commits. OK: `answers` hold what each body said.
  // Otherwise nothing is committed, unless FailureOf is kNone and the outcome
  // is unknown.
  absl::Status TryGroup(Session& session, std::vector<Job>& jobs,
                        std::vector<absl::Status>& answers);
  absl::Status RunBodies(Session& session, std::vector<Job>& jobs,
                         std::vector<absl::Status>& answers);
  absl::Status RunBody(Session& session, Job& job, bool savepoint,
                       absl::Status& answer);
  absl::Status Commit(Session& session, std::vector<Job>& jobs,
                      const std::string& xid);
  absl::Status LearnOutcome(Session& session, const std::string& xid);

  // What to do about a group that failed: true to run it again.
  bool Recover(Session& session, const absl::Status& failure,
               SteadyTime give_up, int attempt);
  void Answer(std::vector<Job> jobs, std::vector<absl::Status> answers);
  void Fatal();
  bool Pause(absl::Duration duration);

  // Constant after construction.
  const Location location_;
  const Options options_;
  const Clock* const clock_;
  TransactionTime* const time_;
  Log* const log_;
  StorageMetrics* const metrics_;
  Checkpointer* const checkpointer_;
  const std::function<void()> on_fatal_;

  JobQueue queue_;
  std::atomic<bool> healthy_{true};
  std::atomic<bool> fatal_{false};
  absl::Notification stopping_;
  std::vector<std::unique_ptr<Session>> sessions_;
  std::vector<std::thread> threads_;
  Answerer answerer_;    // SQLite's
  int wary_groups_ = 0;  // SQLite's committer only
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_WRITER_H_
