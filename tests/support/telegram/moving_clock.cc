#include "telegram/moving_clock.h"

#include <chrono>

#include "absl/time/time.h"

namespace broadcast::telegram {

MovingClock::MovingClock(const Clock& clock)
    : clock_(clock),
      start_(clock.Steady()),
      offset_(absl::ToUnixMicros(clock.Now())) {}

int64_t MovingClock::Running() const {
  const auto passed = clock_.Steady() - start_;
  return offset_ +
         std::chrono::duration_cast<std::chrono::microseconds>(passed).count();
}

int64_t MovingClock::Now() const { return frozen_ ? frozen_at_ : Running(); }

void MovingClock::Advance(int64_t micros) {
  offset_ += micros;
  frozen_at_ += micros;
}

void MovingClock::Freeze(bool frozen) {
  if (frozen == frozen_) return;
  if (frozen) {
    frozen_at_ = Running();
  } else {
    offset_ += frozen_at_ - Running();
  }
  frozen_ = frozen;
}

}  // namespace broadcast::telegram
