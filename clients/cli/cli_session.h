// What one run of this program works with. Owned by main; one thread.
#ifndef BROADCASTD_CLI_CLI_SESSION_H_
#define BROADCASTD_CLI_CLI_SESSION_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "cli/arguments.h"
#include "cli/console.h"
#include "cli/json_text.h"
#include "cli/return_status.h"
#include "cli/service_connection.h"
#include "google/protobuf/timestamp.pb.h"

namespace broadcast::cli {

enum class Output { kTable, kJson, kJsonLines };

class Session {
 public:
  // Returns INVALID_ARGUMENT for options of every verb that are wrong.
  static absl::StatusOr<std::unique_ptr<Session>> Open(
      const Arguments& arguments, const EnvironmentReader& environment,
      Console& console, Interruption& interruption);

  // Makes a call that answers soon. A mutation is given its request id.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      Request request) {
    GiveRequestId(request, request_id_);
    return connection_->Call(method, request, timeout_.value_or(kSoon));
  }

  // The same for a call that looks at everything first.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> CallPatiently(
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      Request request) {
    GiveRequestId(request, request_id_);
    return connection_->Call(method, request, timeout_.value_or(kLate));
  }

  // Returns whether to go on: --yes was given, or the answer is yes. Returns
  // INVALID_ARGUMENT if nobody can be asked.
  absl::StatusOr<bool> Confirm(absl::string_view question);

  // Prints a message as JSON, in the form that was asked for.
  void PrintJson(const google::protobuf::Message& message);

  // A time as it was asked for, and both ways; empty if `is_set` is false.
  std::string Time(bool is_set, const google::protobuf::Timestamp& time) const;
  std::string FullTime(bool is_set,
                       const google::protobuf::Timestamp& time) const;

  bool is_table() const { return output_ == Output::kTable; }
  Output output() const { return output_; }
  Console& console() { return console_; }
  ServiceConnection& connection() { return *connection_; }

 private:
  static constexpr absl::Duration kSoon = absl::Seconds(10);
  static constexpr absl::Duration kLate = absl::Minutes(10);

  explicit Session(Console& console) : console_(console) {}

  Console& console_;
  std::unique_ptr<ServiceConnection> connection_;
  Output output_ = Output::kTable;
  bool iso_times_ = false;
  bool yes_ = false;
  std::optional<absl::Duration> timeout_;
  std::string request_id_;  // empty: a new one for each call
};

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_CLI_SESSION_H_
