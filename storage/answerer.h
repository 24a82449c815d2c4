// Tells callers what became of their writes, on a thread of its own: what an
// answer costs (its message, its line of the log, its bytes on the network)
// keeps SQLite's one committer from the next batch no longer. Owned by Writer;
// one thread hands over.
#ifndef BROADCASTD_STORAGE_ANSWERER_H_
#define BROADCASTD_STORAGE_ANSWERER_H_

#include <deque>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "storage/queue.h"

namespace broadcast::storage {

// Jobs whose bodies have run and are durable, and what each is answered.
struct AnsweredJobs {
  std::vector<Job> jobs;
  std::vector<absl::Status> answers;

  void Tell();
};

class Answerer {
 public:
  Answerer() = default;
  ~Answerer() { Stop(); }

  void Start();

  // Waits while the thread is several batches behind.
  void HandOver(AnsweredJobs batch);

  // Tells all that was handed over, then ends the thread.
  void Stop();

 private:
  void Loop();
  bool HasRoom() const ABSL_SHARED_LOCKS_REQUIRED(mu_);
  bool HasWork() const ABSL_SHARED_LOCKS_REQUIRED(mu_);

  absl::Mutex mu_;
  std::deque<AnsweredJobs> batches_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_ANSWERER_H_
