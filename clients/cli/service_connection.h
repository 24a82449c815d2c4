// The connection to the server, and how a call is made on it: with the token, a
// deadline, and once more where that does no harm. Owned by the session; used
// by one thread.
#ifndef BROADCASTD_CLI_SERVICE_CONNECTION_H_
#define BROADCASTD_CLI_SERVICE_CONNECTION_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/connection_settings.h"
#include "cli/interruption.h"
#include "google/protobuf/message.h"

namespace broadcast::cli {

// Whether the contract says that making a call twice does what making it once
// does: it changes nothing, or its request id is set.
bool MayBeRepeated(const google::protobuf::Message& request);

// Sets the field `request_id` of a message that has one: to `id`, or to a new
// UUID if that is empty.
void GiveRequestId(google::protobuf::Message& request, const std::string& id);

class ServiceConnection {
 public:
  // Reads the files; dials with the first call. Returns INVALID_ARGUMENT for a
  // file that cannot be read or holds no certificate.
  static absl::StatusOr<std::unique_ptr<ServiceConnection>> Open(
      ConnectionSettings settings, Interruption& interruption);

  // Makes one call. Returns what the server says, UNAVAILABLE if it cannot be
  // reached, DEADLINE_EXCEEDED after `timeout`, CANCELLED if interrupted.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request, absl::Duration timeout) {
    Stub stub(channel_);
    Response response;
    const absl::Status status =
        CallRepeatedly(request, timeout, [&](grpc::ClientContext& context) {
          response.Clear();
          return (stub.*method)(&context, request, &response);
        });
    if (!status.ok()) return status;
    return response;
  }

  // Prepares one attempt of a call that the caller makes itself: the token.
  absl::Status Prepare(grpc::ClientContext& context) const;

  // Returns after `span`, or soon after a signal was caught.
  void Pause(absl::Duration span) const;

  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }
  const std::string& address() const { return settings_.address; }
  Interruption& interruption() { return interruption_; }

 private:
  using Attempt = absl::FunctionRef<grpc::Status(grpc::ClientContext&)>;

  ServiceConnection(ConnectionSettings settings, Interruption& interruption);

  absl::Status CallRepeatedly(const google::protobuf::Message& request,
                              absl::Duration timeout, Attempt attempt);
  absl::Status Explain(absl::Status failure,
                       const google::protobuf::Message& request,
                       absl::Duration timeout) const;
  bool Connect(absl::Time deadline) const;

  ConnectionSettings settings_;
  Interruption& interruption_;
  std::shared_ptr<grpc::Channel> channel_;
  bool reached_ = false;  // the server may have heard the call
};

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_SERVICE_CONNECTION_H_
