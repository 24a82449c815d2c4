// Matchers for absl::Status and absl::StatusOr, which Debian's Abseil does not
// bring. For tests; any thread.
#ifndef BROADCASTD_SUPPORT_STATUS_MATCHERS_H_
#define BROADCASTD_SUPPORT_STATUS_MATCHERS_H_

#include <gmock/gmock.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/error_detail.h"

namespace broadcast::test {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& answer) {
  return answer.status();
}

// The value, or an exception, which fails the test.
template <typename T>
T Must(absl::StatusOr<T> answer) {
  if (!answer.ok()) throw std::runtime_error(answer.status().ToString());
  return *std::move(answer);
}
inline void Must(const absl::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  *result_listener << "which is " << StatusOf(arg);
  return StatusOf(arg).ok();
}

// The StatusOr is OK and its value matches `value`.
MATCHER_P(IsOkAndHolds, value,
          std::string(negation ? "is not" : "is") + " OK with value " +
              testing::PrintToString(value)) {
  if (!arg.ok()) {
    *result_listener << "which is " << arg.status();
    return false;
  }
  return testing::ExplainMatchResult(value, *arg, result_listener);
}

MATCHER_P(StatusIs, code,
          (negation ? "has not code " : "has code ") +
              absl::StatusCodeToString(code)) {
  *result_listener << "which is " << StatusOf(arg);
  return StatusOf(arg).code() == code;
}

MATCHER_P2(StatusIs, code, message,
           "has code " + absl::StatusCodeToString(code) +
               " and a message that " +
               testing::DescribeMatcher<std::string>(message)) {
  *result_listener << "which is " << StatusOf(arg);
  return StatusOf(arg).code() == code &&
         testing::Matches(message)(std::string(StatusOf(arg).message()));
}

// The error carries `reason`, a name of ErrorReason without its prefix.
MATCHER_P(HasReason, reason,
          std::string(negation ? "has not" : "has") + " reason " +
              testing::PrintToString(reason)) {
  *result_listener << "which is " << StatusOf(arg) << " with reason "
                   << ReasonOf(StatusOf(arg));
  return ReasonOf(StatusOf(arg)) == reason;
}

}  // namespace broadcast::test

#endif  // BROADCASTD_SUPPORT_STATUS_MATCHERS_H_
