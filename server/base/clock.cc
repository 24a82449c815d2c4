#include "base/clock.h"

#include "absl/time/clock.h"

namespace broadcast {

absl::Time SystemClock::Now() const { return absl::Now(); }

SteadyTime SystemClock::Steady() const {
  return std::chrono::steady_clock::now();
}

}  // namespace broadcast
