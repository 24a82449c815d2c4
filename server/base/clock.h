// The two clocks of the process: wall time to store and show, steady time to
// measure. The environment owns the real one; every class that needs time
// takes a Clock by constructor. Safe to call from any thread.
#ifndef BROADCASTD_BASE_CLOCK_H_
#define BROADCASTD_BASE_CLOCK_H_

#include <chrono>

#include "absl/time/time.h"

namespace broadcast {

using SteadyTime = std::chrono::steady_clock::time_point;

class Clock {
 public:
  virtual ~Clock() = default;

  // Wall time. It may jump either way.
  virtual absl::Time Now() const = 0;

  // Monotonic time, for deadlines and durations.
  virtual SteadyTime Steady() const = 0;
};

class SystemClock final : public Clock {
 public:
  absl::Time Now() const override;
  SteadyTime Steady() const override;
};

}  // namespace broadcast

#endif  // BROADCASTD_BASE_CLOCK_H_
