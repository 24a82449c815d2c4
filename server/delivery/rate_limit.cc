#include "delivery/rate_limit.h"

#include <algorithm>

namespace broadcast::delivery {
namespace {

RateLimit::Options Completed(RateLimit::Options options) {
  if (options.burst <= 0 || options.burst > options.count) {
    options.burst = options.count;
  }
  return options;
}

}  // namespace

RateLimit::RateLimit(const Options& options)
    : options_(Completed(options)),
      window_(options.period + options.margin),
      step_(options.count > 0 ? window_ / options.count
                              : std::chrono::nanoseconds(0)) {}

SteadyTime RateLimit::Allowed(int64_t ahead, SteadyTime previous,
                              SteadyTime spread) const {
  SteadyTime allowed = std::max(previous, paused_until_);
  const int64_t unused =
      options_.count - static_cast<int64_t>(sent_.size()) - ahead;
  if (unused <= 0) {
    const size_t leaving = (oldest_ + static_cast<size_t>(-unused)) %
                           std::max<size_t>(1, sent_.size());
    allowed = std::max(allowed, sent_[leaving] + window_);
  }
  if (spread != SteadyTime::min()) {
    allowed = std::max(allowed, spread - (options_.burst - 1) * step_);
  }
  return allowed;
}

SteadyTime RateLimit::Spread(SteadyTime spread, SteadyTime sent) const {
  return std::max(spread, sent) + step_;
}

SteadyTime RateLimit::NextAllowed(SteadyTime now) const {
  if (!limited()) return std::max(now, paused_until_);
  return Allowed(0, now, spread_);
}

int64_t RateLimit::AllowedBy(SteadyTime now, SteadyTime horizon,
                             int64_t most) const {
  if (!limited()) return paused_until_ > horizon ? 0 : most;
  SteadyTime previous = now;
  SteadyTime spread = spread_;
  int64_t allowed = 0;
  // A second window of sends is never asked for ahead.
  for (; allowed < std::min(most, options_.count); ++allowed) {
    const SteadyTime next = Allowed(allowed, previous, spread);
    if (next > horizon) break;
    spread = Spread(spread, next);
    previous = next;
  }
  return allowed;
}

void RateLimit::Charge(SteadyTime now) {
  if (!limited()) return;
  spread_ = Spread(spread_, now);
  if (static_cast<int64_t>(sent_.size()) < options_.count) {
    sent_.push_back(now);
    return;
  }
  sent_[oldest_] = now;
  oldest_ = (oldest_ + 1) % sent_.size();
}

void RateLimit::Pause(SteadyTime until) {
  paused_until_ = std::max(paused_until_, until);
}

void RateLimit::Seed(std::vector<SteadyTime> sent) {
  if (!limited()) return;
  std::sort(sent.begin(), sent.end());
  const size_t kept =
      std::min(sent.size(), static_cast<size_t>(options_.count));
  sent_.assign(sent.end() - static_cast<std::ptrdiff_t>(kept), sent.end());
  oldest_ = 0;
  spread_ = SteadyTime::min();
  for (const SteadyTime time : sent_) spread_ = Spread(spread_, time);
}

bool RateLimit::Idle(SteadyTime now) const {
  if (paused_until_ > now) return false;
  return std::all_of(sent_.begin(), sent_.end(),
                     [&](SteadyTime time) { return time + window_ <= now; });
}

}  // namespace broadcast::delivery
