#include "rpc/grpc_server.h"

#include <google/protobuf/stubs/logging.h>
#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/impl/server_builder_option.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "rpc/health_probe.h"

namespace broadcast::rpc {
namespace {

constexpr absl::Duration kHeartbeat = absl::Milliseconds(400);
// Who connects and then says nothing has this long.
constexpr absl::Duration kHandshake = absl::Seconds(20);

int Millis(absl::Duration duration) {
  return static_cast<int>(absl::ToInt64Milliseconds(duration));
}

// What the libraries would print past the log, which is JSON: a caller's bad
// bytes, a port that is taken. Both are told by an error.
void KeepLibrariesQuiet() {
  google::protobuf::SetLogHandler(nullptr);
  gpr_set_log_function([](gpr_log_func_args*) {});
}

// A process that merely links the library of reflection serves it, asked or
// not: its initializer adds the plugin to every server.
class WithoutReflection final : public grpc::ServerBuilderOption {
 public:
  void UpdateArguments(grpc::ChannelArguments* /*arguments*/) override {}

  void UpdatePlugins(std::vector<std::unique_ptr<grpc::ServerBuilderPlugin>>*
                         plugins) override {
    using grpc::reflection::ProtoServerReflectionPlugin;
    plugins->erase(
        std::remove_if(plugins->begin(), plugins->end(),
                       [](const auto& plugin) {
                         return dynamic_cast<ProtoServerReflectionPlugin*>(
                                    plugin.get()) != nullptr;
                       }),
        plugins->end());
  }
};

void SetArguments(const GrpcServer::Options& options,
                  grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(options.max_request_bytes);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE,
                             options.max_metadata_bytes);
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                             Millis(kHandshake));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS,
                             options.max_concurrent_streams);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS,
                             Millis(options.keepalive_time));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                             Millis(options.keepalive_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(
      GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
      Millis(options.min_ping_interval));
  if (options.max_connection_idle > absl::ZeroDuration()) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS,
                               Millis(options.max_connection_idle));
  }
  if (options.max_connection_age > absl::ZeroDuration()) {
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_MS,
                               Millis(options.max_connection_age));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS,
                               Millis(options.max_connection_age_grace));
  }
}

}  // namespace

GrpcServer::GrpcServer(const Options& options, Calls* calls)
    : options_(options),
      broadcast_(calls),
      clients_(calls),
      channels_(calls),
      feeds_(calls),
      admin_(calls),
      operations_(calls),
      events_(calls),
      watches_(calls->watches()),
      sending_(calls->sending()),
      connection_metrics_(*options.registry) {}

absl::StatusOr<std::unique_ptr<GrpcServer>> GrpcServer::Start(
    const Options& options, Calls* calls) {
  std::unique_ptr<GrpcServer> server(new GrpcServer(options, calls));
  RETURN_IF_ERROR(calls->CheckMethods());
  RETURN_IF_ERROR(server->Listen());
  return server;
}

absl::Status GrpcServer::Listen() {
  ASSIGN_OR_RETURN(const auto address,
                   net::ListenAddress::Parse(options_.listen));
  auto listener = net::Listener::Bind(
      address, net::ConnectionsThatFit(options_.max_connections),
      options_.clock, options_.log, &connection_metrics_);
  if (!listener.ok()) {
    return absl::UnavailableError(absl::StrCat(
        "cannot listen on ", options_.listen, ": ", listener.status().message(),
        "; another process may use the port, or the address is not this "
        "machine's: give another one in --listen"));
  }
  listener_ = *std::move(listener);
  ASSIGN_OR_RETURN(
      credentials_,
      MakeServerCredentials(options_.tls, options_.clock, options_.log));
  KeepLibrariesQuiet();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  if (options_.reflection) {
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  } else {
    builder.SetOption(std::make_unique<WithoutReflection>());
  }
  SetArguments(options_, builder);
  acceptor_ = builder.experimental().AddExternalConnectionAcceptor(
      grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD,
      credentials_);
  for (grpc::Service* service : {static_cast<grpc::Service*>(&broadcast_),
                                 static_cast<grpc::Service*>(&clients_),
                                 static_cast<grpc::Service*>(&channels_),
                                 static_cast<grpc::Service*>(&feeds_),
                                 static_cast<grpc::Service*>(&admin_),
                                 static_cast<grpc::Service*>(&operations_),
                                 static_cast<grpc::Service*>(&events_)}) {
    builder.RegisterService(service);
  }
  server_ = builder.BuildAndStart();
  if (server_ == nullptr) {
    return absl::InternalError("gRPC could not start; nothing says why");
  }
  const bool serving = options_.healthy();
  SetServing(serving);
  heartbeat_ = std::thread([this, serving] { Heartbeat(serving); });
  listener_->Start([this](int socket) {
    grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters
        connection;
    connection.fd = socket;
    acceptor_->HandleNewConnection(&connection);
  });
  return absl::OkStatus();
}

GrpcServer::~GrpcServer() { Drain(absl::ZeroDuration()); }

void GrpcServer::SetServing(bool serving) {
  grpc::HealthCheckServiceInterface* health = server_->GetHealthCheckService();
  health->SetServingStatus(serving);
  for (const char* service : {v1::BroadcastService::service_full_name(),
                              v1::ClientService::service_full_name(),
                              v1::ChannelService::service_full_name(),
                              v1::AdminService::service_full_name(),
                              v1::OperationService::service_full_name(),
                              v1::EventService::service_full_name()}) {
    health->SetServingStatus(service, serving);
  }
}

void GrpcServer::Heartbeat(bool serving) {
  HealthProbe probe(server_->InProcessChannel({}));
  absl::MutexLock lock(&mu_);
  while (!mu_.AwaitWithTimeout(absl::Condition(&stopping_), kHeartbeat)) {
    if (const bool healthy = options_.healthy(); healthy != serving) {
      serving = healthy;
      SetServing(serving);
    }
    probe.Ask();
  }
}

void GrpcServer::StopServing() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  if (heartbeat_.joinable()) heartbeat_.join();
  // Pins every status to NOT_SERVING.
  if (server_ != nullptr) server_->GetHealthCheckService()->Shutdown();
}

void GrpcServer::Drain(absl::Duration grace) {
  if (server_ == nullptr) return;
  StopServing();
  listener_->Stop();
  // They would last as long as the grace.
  watches_->Drain();
  sending_->Drain();
  server_->Shutdown(std::chrono::system_clock::now() +
                    absl::ToChronoMicroseconds(grace));
  server_->Wait();
  server_.reset();
}

}  // namespace broadcast::rpc
