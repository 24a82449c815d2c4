#include "telegram/latency_model.h"

#include <cmath>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace broadcast::telegram {
namespace {

constexpr double kMicrosPerMilli = 1000;
constexpr double kDeviationsOfP99 = 2.3263;

}  // namespace

absl::Status LatencyModel::Set(const std::string& spec) {
  const std::vector<absl::string_view> parts = absl::StrSplit(spec, ':');
  double median = 0;
  double p99 = 0;
  const bool fixed = parts.size() == 2 && parts[0] == "fixed" &&
                     absl::SimpleAtod(parts[1], &median);
  const bool drawn = parts.size() == 3 && parts[0] == "lognormal" &&
                     absl::SimpleAtod(parts[1], &median) &&
                     absl::SimpleAtod(parts[2], &p99) && median > 0 &&
                     p99 >= median;
  if ((spec != "none" && !fixed && !drawn) || median < 0) {
    return absl::InvalidArgumentError(
        "a latency is none, fixed:MS or lognormal:MEDIAN_MS:P99_MS");
  }
  median_ = median * kMicrosPerMilli;
  sigma_ = drawn ? std::log(p99 / median) / kDeviationsOfP99 : 0;
  return absl::OkStatus();
}

int64_t LatencyModel::Draw() {
  if (sigma_ == 0) return static_cast<int64_t>(median_);
  std::normal_distribution<double> normal(0, sigma_);
  return static_cast<int64_t>(median_ * std::exp(normal(random_)));
}

}  // namespace broadcast::telegram
