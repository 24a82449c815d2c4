// A clock whose wall time stands still until a test moves it. Its steady time
// runs on, so that what waits with patience still comes to an end, and moves
// forward with the wall time. Any thread.
#ifndef BROADCASTD_SUPPORT_FAKE_CLOCK_H_
#define BROADCASTD_SUPPORT_FAKE_CLOCK_H_

#include <functional>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "base/clock.h"

namespace broadcast::test {

class FakeClock final : public Clock {
 public:
  // A Monday, at noon.
  static absl::Time DefaultStart() {
    return absl::FromCivil(absl::CivilSecond(2026, 6, 1, 12, 0, 0),
                           absl::UTCTimeZone());
  }

  explicit FakeClock(absl::Time start = DefaultStart()) : now_(start) {}

  absl::Time Now() const override;
  SteadyTime Steady() const override;

  // Moves both times.
  void Advance(absl::Duration by);

  // Moves the wall time alone, either way, as an administrator may.
  void SetNow(absl::Time now);

  // Moves the steady time alone, forward.
  void AdvanceSteady(absl::Duration by);

  // Calls `listener` with the wall time after each move, and now. It must not
  // move the clock. Returns what undoes this.
  std::function<void()> Listen(std::function<void(absl::Time)> listener);

 private:
  void Tell();

  mutable absl::Mutex mu_;
  absl::Time now_ ABSL_GUARDED_BY(mu_);
  absl::Duration steady_ahead_ ABSL_GUARDED_BY(mu_);

  absl::Mutex listeners_mu_;
  std::vector<std::function<void(absl::Time)>> listeners_
      ABSL_GUARDED_BY(listeners_mu_);
};

}  // namespace broadcast::test

#endif  // BROADCASTD_SUPPORT_FAKE_CLOCK_H_
