#include "base/fail_points.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

#include "absl/memory/memory.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"

namespace broadcast {
namespace {

constexpr std::array<absl::string_view, 14> kPoints = {
    "before_enqueue_commit",  "after_enqueue",  "before_plan_commit",
    "after_plan_step",        "after_peek",     "before_intent_commit",
    "after_intent",           "before_connect", "after_connect_error",
    "request_partly_written", "after_request",  "after_response",
    "outcome_commit",         "after_outcome"};

}  // namespace

absl::StatusOr<std::unique_ptr<FailPoints>> FailPoints::Parse(
    absl::string_view spec) {
  const size_t colon = spec.find(':');
  const absl::string_view point = spec.substr(0, colon);
  int64_t nth = 1;
  if (colon != absl::string_view::npos &&
      (!absl::SimpleAtoi(spec.substr(colon + 1), &nth) || nth < 1)) {
    return absl::InvalidArgumentError(
        "a fail point is counted from 1: name:nth");
  }
  if (std::find(kPoints.begin(), kPoints.end(), point) == kPoints.end()) {
    return absl::InvalidArgumentError("there is no such fail point");
  }
  return absl::WrapUnique(new FailPoints(std::string(point), nth));
}

void FailPoints::Pass(absl::string_view point) {
  if (point != point_) return;
  if (left_.fetch_sub(1) == 1) std::raise(SIGKILL);
}

}  // namespace broadcast
