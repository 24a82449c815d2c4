#include "auth/rate_limiter.h"

#include <algorithm>

#include "absl/hash/hash.h"

namespace broadcast::auth {
namespace {

// What may be called at once after a pause: a second's worth.
constexpr std::chrono::seconds kBurst{1};
constexpr size_t kMostOfShard = 8192;

}  // namespace

RateLimiter::RateLimiter(int rate)
    : rate_(rate),
      interval_(rate > 0 ? std::chrono::nanoseconds(kBurst) / rate
                         : std::chrono::nanoseconds::zero()) {}

RateLimiter::Shard& RateLimiter::ShardOf(absl::string_view who) {
  return shards_[absl::HashOf(who) % kShards];
}

SteadyTime& RateLimiter::DueOf(Shard& shard, absl::string_view who,
                               SteadyTime now) {
  auto found = shard.due.find(who);
  if (found == shard.due.end()) {
    if (shard.due.size() >= kMostOfShard) Forget(shard, now);
    found = shard.due.emplace(std::string(who), now).first;
  }
  found->second = std::max(found->second, now);
  return found->second;
}

absl::Duration RateLimiter::Take(absl::string_view who, SteadyTime now) {
  if (rate_ == 0) return absl::ZeroDuration();
  Shard& shard = ShardOf(who);
  absl::MutexLock lock(&shard.mu);
  SteadyTime& due = DueOf(shard, who, now);
  const SteadyTime allowed = due + interval_ - kBurst;
  if (allowed > now) return absl::FromChrono(allowed - now);
  due += interval_;
  return absl::ZeroDuration();
}

void RateLimiter::Charge(absl::string_view who, int calls, SteadyTime now) {
  if (rate_ == 0) return;
  Shard& shard = ShardOf(who);
  absl::MutexLock lock(&shard.mu);
  DueOf(shard, who, now) += calls * interval_;
}

// Who has called seldom enough is as good as never seen. If that frees nothing
// the rest goes too: better to let some call too often than to fill the memory.
void RateLimiter::Forget(Shard& shard, SteadyTime now) {
  absl::erase_if(shard.due, [&](const auto& one) { return one.second <= now; });
  if (shard.due.size() >= kMostOfShard) shard.due.clear();
}

}  // namespace broadcast::auth
