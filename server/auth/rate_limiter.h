// How often somebody may call: so many calls a second, and as many at once
// after a pause (GCRA: one number a caller). Kept in this process alone: N
// replicas let N times as many through. Any thread.
#ifndef BROADCASTD_AUTH_RATE_LIMITER_H_
#define BROADCASTD_AUTH_RATE_LIMITER_H_

#include <array>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"

namespace broadcast::auth {

class RateLimiter {
 public:
  // `rate` calls a second for each; 0: no limit.
  explicit RateLimiter(int rate);

  // Zero if `who` may call now, which is counted; else how long to wait, which
  // is not.
  absl::Duration Take(absl::string_view who, SteadyTime now);

  // Counts `calls` more of `who`, however often it has called.
  void Charge(absl::string_view who, int calls, SteadyTime now);

  int rate() const { return rate_; }

 private:
  static constexpr size_t kShards = 16;

  struct Shard {
    absl::Mutex mu;
    // When each would have made its calls at exactly the rate.
    absl::flat_hash_map<std::string, SteadyTime> due ABSL_GUARDED_BY(mu);
  };

  Shard& ShardOf(absl::string_view who);
  // When `who` would have made its calls, now at the earliest.
  static SteadyTime& DueOf(Shard& shard, absl::string_view who, SteadyTime now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mu);
  static void Forget(Shard& shard, SteadyTime now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mu);

  const int rate_;
  const std::chrono::nanoseconds interval_;
  std::array<Shard, kShards> shards_;
};

}  // namespace broadcast::auth

#endif  // BROADCASTD_AUTH_RATE_LIMITER_H_
