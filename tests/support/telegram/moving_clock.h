// The time of the platform: real time, and whatever was added to it by hand.
// Its unit is the microsecond since the epoch. One thread.
#ifndef BROADCASTD_TELEGRAM_MOVING_CLOCK_H_
#define BROADCASTD_TELEGRAM_MOVING_CLOCK_H_

#include <cstdint>

#include "base/clock.h"

namespace broadcast::telegram {

constexpr int64_t kMicrosPerSecond = 1'000'000;

class MovingClock {
 public:
  // Starts at the wall time of `clock` and goes on with its steady time.
  explicit MovingClock(const Clock& clock);

  int64_t Now() const;
  bool frozen() const { return frozen_; }

  // May be negative.
  void Advance(int64_t micros);

  // A frozen clock moves only by Advance.
  void Freeze(bool frozen);

 private:
  int64_t Running() const;

  const Clock& clock_;
  const SteadyTime start_;
  int64_t offset_;  // from steady time to what is shown
  bool frozen_ = false;
  int64_t frozen_at_ = 0;
};

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_MOVING_CLOCK_H_
