#include "cli/service_connection.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <random>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/call_failure.h"
#include "cli/fresh_request_id.h"
#include "cli/return_status.h"
#include "cli/time_text.h"
#include "google/protobuf/descriptor.pb.h"

namespace broadcast::cli {
namespace {

constexpr int kMostAttempts = 4;
constexpr absl::Duration kFirstPause = absl::Milliseconds(100);
constexpr absl::Duration kLongestPause = absl::Seconds(2);
constexpr absl::Duration kInterruptionStep = absl::Milliseconds(100);

// A page of 1,000 entries with long contents is larger than gRPC's default.
constexpr int kMaxResponseBytes = 64 << 20;

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file),
                   std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the file ", path, " cannot be read"));
  }
  return text;
}

absl::StatusOr<std::string> ReadPem(const std::string& path) {
  if (path.empty()) return "";
  CLI_ASSIGN_OR_RETURN(std::string text, ReadFile(path));
  if (!absl::StrContains(text, "-----BEGIN ")) {
    return absl::InvalidArgumentError(
        absl::StrCat("the file ", path, " holds nothing in PEM"));
  }
  return text;
}

absl::StatusOr<std::shared_ptr<grpc::ChannelCredentials>> Credentials(
    const ConnectionSettings& settings) {
  if (!settings.tls) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  CLI_ASSIGN_OR_RETURN(options.pem_root_certs, ReadPem(settings.tls_ca));
  CLI_ASSIGN_OR_RETURN(options.pem_cert_chain, ReadPem(settings.tls_cert));
  CLI_ASSIGN_OR_RETURN(options.pem_private_key, ReadPem(settings.tls_key));
  return grpc::SslCredentials(options);
}

grpc::ChannelArguments ArgumentsFor(const ConnectionSettings& settings) {
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix("broadcastctl/" BROADCASTD_VERSION);
  arguments.SetMaxReceiveMessageSize(kMaxResponseBytes);
  arguments.SetLoadBalancingPolicyName("round_robin");
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 10'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // A server that comes back is found within seconds.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 5'000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 2'000);
  if (!settings.tls_server_name.empty()) {
    arguments.SetSslTargetNameOverride(settings.tls_server_name);
  }
  // What is meant for this machine never takes the way over a proxy.
  if (IsLoopbackTarget(settings.address)) {
    arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  }
  return arguments;
}

const google::protobuf::FieldDescriptor* RequestIdField(
    const google::protobuf::Message& message) {
  return message.GetDescriptor()->FindFieldByName("request_id");
}

std::string RequestIdOf(const google::protobuf::Message& request) {
  const google::protobuf::FieldDescriptor* field = RequestIdField(request);
  return field == nullptr ? ""
                          : request.GetReflection()->GetString(request, field);
}

// Half of `pause` to all of it.
absl::Duration Jittered(absl::Duration pause) {
  std::random_device device;
  const double share = static_cast<double>(device()) / device.max();
  return pause * (0.5 + share / 2);
}

}  // namespace

bool MayBeRepeated(const google::protobuf::Message& request) {
  if (RequestIdField(request) != nullptr) return !RequestIdOf(request).empty();
  const google::protobuf::FileDescriptor* file =
      request.GetDescriptor()->file();
  for (int i = 0; i < file->service_count(); ++i) {
    const google::protobuf::ServiceDescriptor* service = file->service(i);
    for (int j = 0; j < service->method_count(); ++j) {
      if (service->method(j)->input_type() == request.GetDescriptor()) {
        return service->method(j)->options().idempotency_level() ==
               google::protobuf::MethodOptions::NO_SIDE_EFFECTS;
      }
    }
  }
  return false;
}

void GiveRequestId(google::protobuf::Message& request, const std::string& id) {
  if (const auto* field = RequestIdField(request)) {
    request.GetReflection()->SetString(&request, field,
                                       id.empty() ? NewRequestId() : id);
  }
}

ServiceConnection::ServiceConnection(ConnectionSettings settings,
                                     Interruption& interruption)
    : settings_(std::move(settings)), interruption_(interruption) {}

absl::StatusOr<std::unique_ptr<ServiceConnection>> ServiceConnection::Open(
    ConnectionSettings settings, Interruption& interruption) {
  std::unique_ptr<ServiceConnection> connection(
      new ServiceConnection(std::move(settings), interruption));
  CLI_ASSIGN_OR_RETURN(const auto credentials,
                       Credentials(connection->settings_));
  connection->channel_ =
      grpc::CreateCustomChannel(connection->settings_.address, credentials,
                                ArgumentsFor(connection->settings_));
  return connection;
}

absl::Status ServiceConnection::Prepare(grpc::ClientContext& context) const {
  std::string token = settings_.token;
  if (!settings_.token_file.empty()) {
    CLI_ASSIGN_OR_RETURN(token, ReadFile(settings_.token_file));
    token = std::string(absl::StripAsciiWhitespace(token));
    CLI_RETURN_IF_ERROR(CheckToken(token));
  }
  if (!token.empty()) {
    context.AddMetadata("authorization", absl::StrCat("Bearer ", token));
  }
  return absl::OkStatus();
}

// A call on a connection that is there may be heard, whatever comes back.
bool ServiceConnection::Connect(absl::Time deadline) const {
  grpc_connectivity_state state = channel_->GetState(true);
  while ((state == GRPC_CHANNEL_IDLE || state == GRPC_CHANNEL_CONNECTING) &&
         absl::Now() < deadline && !interruption_.caught()) {
    channel_->WaitForStateChange(
        state, absl::ToChronoTime(
                   std::min(deadline, absl::Now() + kInterruptionStep)));
    state = channel_->GetState(true);
  }
  return state == GRPC_CHANNEL_READY;
}

// Not a sleep: while nobody waits for something of a channel, gRPC makes no
// connection, but for a look each 5 s.
void ServiceConnection::Pause(absl::Duration span) const {
  const absl::Time end = absl::Now() + span;
  while (absl::Now() < end && !interruption_.caught()) {
    channel_->WaitForStateChange(
        channel_->GetState(true),
        absl::ToChronoTime(std::min(end, absl::Now() + kInterruptionStep)));
  }
}

absl::Status ServiceConnection::CallRepeatedly(
    const google::protobuf::Message& request, absl::Duration timeout,
    Attempt attempt) {
  const Interruption::Catcher catcher(interruption_);
  const absl::Time deadline = absl::Now() + timeout;
  const bool may_be_repeated = MayBeRepeated(request);
  absl::Duration pause = kFirstPause;
  reached_ = false;
  for (int attempts = 1;; ++attempts) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(deadline));
    CLI_RETURN_IF_ERROR(Prepare(context));
    reached_ = Connect(deadline) || reached_;
    grpc::Status status;
    {
      const Interruption::Call call(interruption_, &context);
      status = attempt(context);
    }
    if (status.ok()) return absl::OkStatus();
    const absl::Status failure = FromGrpc(status);
    const absl::Duration wait =
        std::max(Jittered(pause),
                 DetailOf(failure).retry_after.value_or(absl::ZeroDuration()));
    const bool may_pass = failure.code() == absl::StatusCode::kUnavailable ||
                          IsBrokenOff(failure);
    if (!may_pass || !may_be_repeated || interruption_.caught() ||
        attempts == kMostAttempts || absl::Now() + wait >= deadline) {
      return Explain(failure, request, timeout);
    }
    Pause(wait);
    if (interruption_.caught()) return Explain(failure, request, timeout);
    pause = std::min(2 * pause, kLongestPause);
  }
}

// The server's own words stay as they are; what gRPC says of connections is
// put into ours.
absl::Status ServiceConnection::Explain(
    absl::Status failure, const google::protobuf::Message& request,
    absl::Duration timeout) const {
  if (!DetailOf(failure).reason.empty() &&
      DetailOf(failure).reason != "OUTCOME_UNKNOWN") {
    return failure;
  }
  const bool broken =
      failure.code() == absl::StatusCode::kUnavailable || IsBrokenOff(failure);
  const bool late = failure.code() == absl::StatusCode::kDeadlineExceeded;
  const bool stopped = interruption_.caught();
  if (!broken && !late && !stopped) return failure;
  absl::Status told = failure;
  if (stopped) {
    told = absl::CancelledError("interrupted");
  } else if (IsBrokenOff(failure)) {
    told = absl::UnavailableError(absl::StrCat(
        reached_ ? "the connection to " : "there is no connection to ",
        settings_.address, reached_ ? " broke: " : ": ", failure.message()));
  } else if (late) {
    told = absl::DeadlineExceededError(
        absl::StrCat(settings_.address,
                     reached_ ? " has not answered" : " cannot be reached",
                     " within ", SpanText(timeout), " (--timeout)"));
  }
  const std::string id = RequestIdOf(request);
  if (!reached_ || id.empty()) return told;
  return WithHint(told,
                  absl::StrCat("it may have been done or not; the same command "
                               "with --request-id=",
                               id, " does it at most once"));
}

}  // namespace broadcast::cli
