// How long the platform takes to answer. One thread.
#ifndef BROADCASTD_TELEGRAM_LATENCY_MODEL_H_
#define BROADCASTD_TELEGRAM_LATENCY_MODEL_H_

#include <cstdint>
#include <random>
#include <string>

#include "absl/status/status.h"

namespace broadcast::telegram {

class LatencyModel {
 public:
  // Draws the same numbers for the same seed.
  explicit LatencyModel(uint64_t seed) : random_(seed) {}

  // "none", "fixed:MS" or "lognormal:MEDIAN_MS:P99_MS".
  // Returns INVALID_ARGUMENT, and changes nothing, for anything else.
  absl::Status Set(const std::string& spec);

  // Microseconds.
  int64_t Draw();

 private:
  std::mt19937_64 random_;
  double median_ = 0;  // microseconds
  double sigma_ = 0;   // of its logarithm
};

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_LATENCY_MODEL_H_
