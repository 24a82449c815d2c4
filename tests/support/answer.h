// What an asynchronous call will answer, to be waited for, and a wait for any
// condition. Every wait ends. For tests; any thread.
#ifndef BROADCASTD_SUPPORT_ANSWER_H_
#define BROADCASTD_SUPPORT_ANSWER_H_

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "storage/queue.h"

namespace broadcast::test {

inline constexpr absl::Duration kLongWait = absl::Seconds(30);

class Answer {
 public:
  // Pass this as `done`, once. It may outlive the Answer.
  storage::Done Done() {
    return [state = state_](absl::Status status) {
      EXPECT_FALSE(state->answered.HasBeenNotified()) << "answered twice";
      state->status = std::move(status);
      state->answered.Notify();
    };
  }

  bool answered() const { return state_->answered.HasBeenNotified(); }

  // DEADLINE_EXCEEDED if no answer comes at all.
  absl::Status Wait() const {
    if (!state_->answered.WaitForNotificationWithTimeout(kLongWait)) {
      return absl::DeadlineExceededError("the test got no answer");
    }
    return state_->status;
  }

 private:
  struct State {
    absl::Notification answered;
    absl::Status status;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// True once `condition` holds, false if it never comes to.
inline bool Eventually(absl::FunctionRef<bool()> condition,
                       absl::Duration patience = kLongWait) {
  const absl::Time deadline = absl::Now() + patience;
  while (!condition()) {
    if (absl::Now() > deadline) return false;
    absl::SleepFor(absl::Milliseconds(2));
  }
  return true;
}

}  // namespace broadcast::test

#endif  // BROADCASTD_SUPPORT_ANSWER_H_
