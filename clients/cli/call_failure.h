// Why a call failed: between gRPC's status, absl::Status, and what people are
// told. Values; any thread.
#ifndef BROADCASTD_CLI_CALL_FAILURE_H_
#define BROADCASTD_CLI_CALL_FAILURE_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "cli/exit_status.h"
#include "cli/paint.h"
#include "google/rpc/status.pb.h"

namespace grpc {
class Status;
}

namespace broadcast::cli {

// What an error of the contract carries.
struct FailureDetail {
  std::string reason;  // empty: the server has not said it
  std::map<std::string, std::string> metadata;
  std::vector<std::pair<std::string, std::string>> violations;  // field, why
  std::optional<absl::Duration> retry_after;
};

// The same code, message and details.
absl::Status FromGrpc(const grpc::Status& status);

FailureDetail DetailOf(const absl::Status& failure);

// The connection ended below the call: the server itself has not answered. It
// cancels what is under way when it stops; whoever cancels a call of our own
// asks Interruption first.
bool IsBrokenOff(const absl::Status& failure);

// Code, message and details as the server sent them.
google::rpc::Status ToProto(const absl::Status& failure);

// Adds a line for people: what to do, or what is as it was.
absl::Status WithHint(absl::Status failure, absl::string_view hint);

// Those lines.
std::vector<std::string> HintsOf(const absl::Status& failure);

ExitStatus ExitOf(const absl::Status& failure);

// Lines for standard error: what happened, every field that is wrong, what the
// server says of it, when to try again, and what to do.
std::string FailureText(const absl::Status& failure, const Palette& palette);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_CALL_FAILURE_H_
