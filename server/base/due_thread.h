// A thread that does what is due, and sleeps until more is: its owner's round
// looks and does one bounded piece of it. It hears when it is woken, notices
// when the wall clock is set, and backs off while its rounds fail.
//
// The owner outlives it. Wake and Stop may be called by any thread.
#ifndef BROADCASTD_BASE_DUE_THREAD_H_
#define BROADCASTD_BASE_DUE_THREAD_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/log.h"

namespace broadcast {

class DueThread {
 public:
  struct Options {
    // Pointers outlive the thread.
    const Clock* clock = nullptr;
    Log* log = nullptr;
    std::string name;  // the first failure of several is logged "<name>.failed"

    // Nobody but this process changes what the rounds look at.
    bool alone = false;

    // Answers how long to sleep, at most longest_sleep(); zero: not at all.
    std::function<absl::StatusOr<absl::Duration>()> round;
    std::function<void()> on_failure = [] {};
  };

  // What is due is being done by another replica: look again after this.
  static constexpr absl::Duration kLeaveToOthers = absl::Milliseconds(50);

  explicit DueThread(Options options) : options_(std::move(options)) {}
  ~DueThread() { Stop(); }

  void Start();

  // Begins a round at once, or as soon as the one that runs has ended. Never
  // waits.
  void Wake();

  // Ends after the round that runs.
  void Stop();

  // How long others may have changed something without our looking.
  absl::Duration longest_sleep() const;

 private:
  void Loop();
  absl::Duration BackOff(const absl::Status& failure);
  // False when it is time to stop.
  bool Sleep(absl::Duration most);

  const Options options_;

  // The thread's own.
  absl::Duration back_off_ = absl::ZeroDuration();  // zero: no failure

  // Standard ones: they alone can wait by the steady clock.
  std::mutex mu_;
  std::condition_variable changed_;
  bool woken_ = false;     // guarded by mu_
  bool stopping_ = false;  // guarded by mu_
  std::thread thread_;
};

}  // namespace broadcast

#endif  // BROADCASTD_BASE_DUE_THREAD_H_
