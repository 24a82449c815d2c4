// A failed call as its caller sees it, and the promises that every failure
// keeps: the table of error_reason.proto, and that nothing of the inside shows.
// Values and free functions; any thread.
#ifndef BROADCASTD_RPC_FAILURE_H_
#define BROADCASTD_RPC_FAILURE_H_

#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/rpc/error_details.pb.h"

namespace broadcast::test {

struct Failure {
  grpc::StatusCode code = grpc::StatusCode::OK;
  std::string message;
  size_t detail_bytes = 0;

  // ErrorInfo; all empty if there is none.
  std::string reason;
  std::string domain;
  std::map<std::string, std::string> metadata;

  std::vector<google::rpc::BadRequest::FieldViolation> violations;
  std::optional<absl::Duration> retry_after;
  std::optional<google::rpc::QuotaFailure> quota;
  std::optional<google::rpc::PreconditionFailure> precondition;
  std::optional<google::rpc::ResourceInfo> resource;

  // The paths of `violations`, in their order.
  std::vector<std::string> fields() const;
};

Failure FailureOf(const grpc::Status& status);

// What is wrong with `failure` as one of ours, or "": its details are those
// that its reason promises, and it tells nothing of SQL, files or memory.
std::string Broken(const Failure& failure);

// The reasons that Broken knows.
std::vector<std::string> KnownReasons();

// The code that goes with a reason that Broken knows.
grpc::StatusCode CodeOf(absl::string_view reason);

// A reply is `code` for `reason`.
MATCHER_P2(Fails, code, reason, "") {
  const Failure failure = FailureOf(arg.status);
  *result_listener << "which has code " << failure.code << ", reason "
                   << failure.reason << " and says: " << failure.message;
  return failure.code == code && failure.reason == reason;
}

// The same with the code that goes with the reason.
MATCHER_P(FailsWith, reason, "") {
  const Failure failure = FailureOf(arg.status);
  *result_listener << "which has code " << failure.code << ", reason "
                   << failure.reason << " and says: " << failure.message;
  return failure.reason == reason && failure.code == CodeOf(reason);
}

// INVALID_FIELDS with violations of exactly these fields, in any order.
MATCHER_P(HasViolationsOf, fields, "") {
  const Failure failure = FailureOf(arg.status);
  *result_listener << "which has reason " << failure.reason
                   << ", says: " << failure.message << " and names "
                   << testing::PrintToString(failure.fields());
  return failure.code == grpc::StatusCode::INVALID_ARGUMENT &&
         failure.reason == "INVALID_FIELDS" &&
         testing::ExplainMatchResult(testing::UnorderedElementsAreArray(fields),
                                     failure.fields(), result_listener);
}

}  // namespace broadcast::test

#endif  // BROADCASTD_RPC_FAILURE_H_
