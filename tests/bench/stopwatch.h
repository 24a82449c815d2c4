// Times and their percentiles. Values; one thread each.
#ifndef BROADCASTD_BENCH_STOPWATCH_H_
#define BROADCASTD_BENCH_STOPWATCH_H_

#include <algorithm>
#include <chrono>
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
