// Keeps SQLite's write-ahead log short without stopping the writer: a thread
// runs passive checkpoints from 4 MiB on; over 16 MiB, when readers or the
// writer's pace keep it from finishing, the writer runs one itself between two
// batches. Owned by Database.
#ifndef BROADCASTD_STORAGE_CHECKPOINTER_H_
#define BROADCASTD_STORAGE_CHECKPOINTER_H_

#include <memory>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "storage/location.h"

namespace broadcast::storage {

class Session;
class Sql;

class Checkpointer {
 public:
  // All pointers outlive this.
  Checkpointer(Location location, const Clock* clock, Log* log,
               StorageMetrics* metrics);
  ~Checkpointer();

  // Returns UNAVAILABLE if the database cannot be opened.
  absl::Status Start();

  // Called by the writer's thread between two batches.
  void AfterBatch(Session& writer);

  // The disk has failed: write no more to the database file. Any thread.
  void Abandon();

  // Empties the log and stops the thread. Call after the writer has stopped.
  void Stop();

 private:
  void Loop();
  // False if it failed or another connection was at it.
  bool Checkpoint(Session& session, const Sql& pragma);

  // Constant after construction.
  const Location location_;
  const Clock* const clock_;
  Log* const log_;
  StorageMetrics* const metrics_;
  std::unique_ptr<Session> session_;  // of the thread

  SteadyTime last_by_writer_;  // writer's thread only

  absl::Mutex mu_;
  bool wanted_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  bool abandoned_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_CHECKPOINTER_H_
