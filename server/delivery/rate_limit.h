// A limit of so many sends within a period, held exactly: by the times of the
// latest sends, in steady time. Besides, sends are spread: at most `burst` of
// them together, the others evenly, so that what lies between us and the
// platform cannot press two periods' sends into one. Pure; one thread at a
// time.
#ifndef BROADCASTD_DELIVERY_RATE_LIMIT_H_
#define BROADCASTD_DELIVERY_RATE_LIMIT_H_

#include <chrono>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "base/clock.h"

namespace broadcast::delivery {

class RateLimit {
 public:
  struct Options {
    int64_t count = 0;  // sends within `period`; 0: no limit
    std::chrono::nanoseconds period = std::chrono::seconds(1);
    int64_t burst = 0;  // together; 0: as many as `count`
    // Added to the period, for requests that take longer to arrive than
    // others.
    std::chrono::nanoseconds margin = std::chrono::milliseconds(14);
  };

  explicit RateLimit(const Options& options);

  // When the next send may start: `now` or later.
  SteadyTime NextAllowed(SteadyTime now) const;

  // How many sends may start from `now` until `horizon`, if each does as soon
  // as it may; at most `most`.
  int64_t AllowedBy(SteadyTime now, SteadyTime horizon, int64_t most) const;

  // A send starts at `now`. Times never go back.
  void Charge(SteadyTime now);

  // Nothing starts before `until`, if that is later than what holds already.
  void Pause(SteadyTime until);

  // What was sent before this limit came to be, in any order.
  void Seed(std::vector<SteadyTime> sent);

  // True once nothing that was sent matters any more.
  bool Idle(SteadyTime now) const;

  bool limited() const { return options_.count > 0; }

 private:
  // When the send after `ahead` further ones may start, the one before it
  // starting at `previous`, the spread standing at `spread`.
  SteadyTime Allowed(int64_t ahead, SteadyTime previous,
                     SteadyTime spread) const;
  SteadyTime Spread(SteadyTime spread, SteadyTime sent) const;

  // Constant after construction.
  const Options options_;
  const std::chrono::nanoseconds window_;
  const std::chrono::nanoseconds step_;

  std::vector<SteadyTime> sent_;  // a ring of up to `count`
  size_t oldest_ = 0;
  SteadyTime spread_ = SteadyTime::min();  // when an even pace is caught up
  SteadyTime paused_until_ = SteadyTime::min();
};

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_RATE_LIMIT_H_
