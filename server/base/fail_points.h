// Points at which a test may have the process die as if its machine had failed:
// compiled in, and without effect unless somebody asks for one. The environment
// owns the one FailPoints, or none; any thread may pass a point.
//
// The points, in the order of a delivery's life:
//   before_enqueue_commit   what a command has decided (its deliveries, or the
//                           plan for them), in the open transaction
//   after_enqueue           it is durable
//   before_plan_commit      a step of a plan, in the open transaction
//   after_plan_step         it is durable
//   after_peek              seen in the outbox, nothing written
//   before_intent_commit    the intent, in the open transaction
//   after_intent            it is durable, nothing sent
//   before_connect          the sender is about to start
//   after_connect_error     it could not connect
//   request_partly_written  the connection broke within the request
//   after_request           the request was sent whole, no answer was read
//   after_response          the answer was read
//   outcome_commit          the outcome, in the open transaction
//   after_outcome           it is durable
#ifndef BROADCASTD_BASE_FAIL_POINTS_H_
#define BROADCASTD_BASE_FAIL_POINTS_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace broadcast {

class FailPoints {
 public:
  // `spec` is "name" or "name:nth": the process kills itself when it passes the
  // point for the nth time, from 1. Returns INVALID_ARGUMENT for another spec,
  // or a point that does not exist.
  static absl::StatusOr<std::unique_ptr<FailPoints>> Parse(
      absl::string_view spec);

  void Pass(absl::string_view point);

 private:
  FailPoints(std::string point, int64_t nth)
      : point_(std::move(point)), left_(nth) {}

  const std::string point_;
  std::atomic<int64_t> left_;
};

// Nothing happens without `points`.
inline void PassFailPoint(FailPoints* points, absl::string_view point) {
  if (points != nullptr) points->Pass(point);
}

}  // namespace broadcast

#endif  // BROADCASTD_BASE_FAIL_POINTS_H_
