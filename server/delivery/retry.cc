#include "delivery/retry.h"

#include <algorithm>
#include <cmath>

namespace broadcast::delivery {

absl::Duration RetryPolicy::After(int64_t attempt, double random) const {
  // Beyond 2^40 every duration is longer than the longest.
  const int64_t doublings = std::clamp<int64_t>(attempt - 1, 0, 40);
  const absl::Duration delay =
      std::min(longest, first * std::ldexp(1.0, static_cast<int>(doublings)));
  return delay * (1 + jitter * (2 * random - 1));
}

absl::Duration RetryPolicy::AfterAsked(absl::Duration asked,
                                       double random) const {
  return std::max(asked, absl::ZeroDuration()) + absl::Seconds(1) * random;
}

}  // namespace broadcast::delivery
