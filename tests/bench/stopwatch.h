// Times and their percentiles. Values; one thread each.
#ifndef BROADCASTD_BENCH_STOPWATCH_H_
#define BROADCASTD_BENCH_STOPWATCH_H_

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

namespace broadcast::bench {

using SteadyClock = std::chrono::steady_clock;
using SteadyTime = SteadyClock::time_point;

inline SteadyClock::duration SecondsOf(double seconds) {
  return std::chrono::duration_cast<SteadyClock::duration>(
      std::chrono::duration<double>(seconds));
}

inline double MicrosSince(SteadyTime start) {
  return std::chrono::duration<double, std::micro>(SteadyClock::now() - start)
      .count();
}

// How fast something goes on, once it has warmed up: what was done between two
// looks at the clock counts from the first look behind the warm-up.
class Pace {
 public:
  Pace(double warmup, double seconds)
      : begin_(SteadyClock::now() + SecondsOf(warmup)),
        end_(begin_ + SecondsOf(seconds)),
        now_(SteadyClock::now()) {}

  bool over() const { return now_ >= end_; }

  void Did(int64_t count) {
    total_ += count;
    now_ = SteadyClock::now();
    if (warm()) {
      measured_ += count;
    } else if (now_ >= begin_) {
      measured_from_ = now_;
    }
  }

  bool warm() const { return measured_from_.has_value(); }
  int64_t total() const { return total_; }
  double PerSecond() const {
    const std::chrono::duration<double> elapsed =
        now_ - measured_from_.value_or(begin_);
    return static_cast<double>(measured_) / elapsed.count();
  }

 private:
  const SteadyTime begin_;
  const SteadyTime end_;
  SteadyTime now_;
  std::optional<SteadyTime> measured_from_;
  int64_t measured_ = 0;
  int64_t total_ = 0;
};

// The smallest sample that at least `share` of all do not exceed; 0 of none.
// Reorders the samples.
template <typename T>
T Percentile(std::vector<T>& samples, double share) {
  if (samples.empty()) return T{};
  const double rank = share * static_cast<double>(samples.size());
  size_t index = static_cast<size_t>(rank);
  if (static_cast<double>(index) == rank && index > 0) --index;
  index = std::min(index, samples.size() - 1);
  std::nth_element(samples.begin(),
                   samples.begin() + static_cast<std::ptrdiff_t>(index),
                   samples.end());
  return samples[index];
}

}  // namespace broadcast::bench

#endif  // BROADCASTD_BENCH_STOPWATCH_H_
