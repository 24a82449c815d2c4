// How long to wait before a delivery is tried again. Pure; any thread.
#ifndef BROADCASTD_DELIVERY_RETRY_H_
#define BROADCASTD_DELIVERY_RETRY_H_

#include <cstdint>

#include "absl/time/time.h"

namespace broadcast::delivery {

struct RetryPolicy {
  absl::Duration first = absl::Seconds(1);
  absl::Duration longest = absl::Minutes(15);
  double jitter = 0.2;  // either way

  // After the attempt of that number, from 1: twice as long each time.
  // `random` is in [0, 1).
  absl::Duration After(int64_t attempt, double random) const;

  // When the platform named a time: that, and up to a second more, so that
  // not all come back at once.
  absl::Duration AfterAsked(absl::Duration asked, double random) const;
};

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_RETRY_H_
