// The bounded queue between those who ask for work on the database and the
// threads that do it. Requests go before background work, which gets one place
// in every eighth batch so that it never starves. Owned by the writer or the
// readers; any thread.
#ifndef BROADCASTD_STORAGE_QUEUE_H_
#define BROADCASTD_STORAGE_QUEUE_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "base/clock.h"
#include "storage/transaction.h"

namespace broadcast::storage {

enum class Priority { kRequest, kBackground };

using Body = absl::AnyInvocable<absl::Status(Transaction&)>;
using Done = absl::AnyInvocable<void(absl::Status)>;

// When to give a job up before its body starts.
struct Patience {
  SteadyTime deadline = SteadyTime::max();
  // Asked on the thread that would run the body. May be empty.
  std::function<bool()> cancelled;
};

struct Job {
  Body body;
  Done done;
  Patience patience;
  Priority priority = Priority::kRequest;
  SteadyTime queued;
  bool guarded = false;  // see WriteOptions
  bool single = false;
  bool undo = false;

  // Its COMMIT was sent and the answer lost: until a later run tells, nobody
  // knows whether it was done.
  bool unresolved = false;
};

class JobQueue {
 public:
  explicit JobQueue(size_t capacity) : capacity_(capacity) {}

  // False, leaving `job` as it was, if the queue is full or closed.
  bool Push(Job& job);

  // Waits for work, then takes up to `most` jobs. Empty once the queue is
  // closed and drained.
  std::vector<Job> Take(size_t most);

  // Refuses new jobs; those that wait are still handed out.
  void Close();

  size_t size() const;
  bool closed() const;

 private:
  const size_t capacity_;
  mutable absl::Mutex mu_;
  std::deque<Job> requests_ ABSL_GUARDED_BY(mu_);
  std::deque<Job> background_ ABSL_GUARDED_BY(mu_);
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  uint32_t turn_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_QUEUE_H_
