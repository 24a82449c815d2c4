// A thread that runs tasks which any thread posts, and between them a round of
// its owner's, who says when it wants the next one. What it owns is touched by
// that thread alone, so it needs no locks.
//
// The dispatcher's. Post may be called by any thread and at any time, even once
// the loop is gone: the task is then dropped.
#ifndef BROADCASTD_DELIVERY_LOOP_H_
#define BROADCASTD_DELIVERY_LOOP_H_

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "base/clock.h"

namespace broadcast::delivery {

using Task = absl::AnyInvocable<void() &&>;

// Where tasks are left. Outlives the loop as long as somebody may post.
class Mailbox {
 public:
  // Never blocks for longer than another's Post.
  void Post(Task task);

 private:
  friend class Loop;

  // Standard ones: they alone can wait by the steady clock.
  std::mutex mu_;
  std::condition_variable posted_;
  std::vector<Task> tasks_;  // guarded by mu_
  bool closed_ = false;      // guarded by mu_
};

class Loop {
 public:
  using Round = std::function<SteadyTime(SteadyTime now)>;

  // `clock` outlives this. `round` runs on the loop's thread after the tasks
  // that waited, and answers until when it needs no other.
  Loop(const Clock* clock, Round round);
  ~Loop();

  void Start();

  // Ends after the task or round that runs; what is posted later is dropped.
  // Not from the loop's own thread.
  void Stop();

  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

 private:
  void Run();
  // The tasks that wait, once there are some or `until` has come. False when
  // it is time to stop.
  bool Collect(SteadyTime until, std::vector<Task>& tasks);

  const Clock* const clock_;
  const Round round_;
  const std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  std::thread thread_;
};

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_LOOP_H_
