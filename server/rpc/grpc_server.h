// The gRPC server: listens, serves the contract, health and reflection, and
// drains. It also keeps its own threads awake: with gRPC 1.51 the first call
// after an idle second may wait 100 ms for a polling thread, so a heartbeat
// call goes through the process every 400 ms. Owned by the environment; one
// thread starts, drains and destroys it.
#ifndef BROADCASTD_RPC_GRPC_SERVER_H_
#define BROADCASTD_RPC_GRPC_SERVER_H_

#include <grpcpp/grpcpp.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "net/listener.h"
#include "rpc/call.h"
#include "rpc/server_credentials.h"
#include "rpc/services.h"

namespace broadcast::rpc {

class GrpcServer {
 public:
  struct Options {
    std::string listen = "127.0.0.1:0";
    bool reflection = true;
    TlsOptions tls;
    // Needed; they outlive the server.
    const Clock* clock = nullptr;
    Log* log = nullptr;
    prometheus::Registry* registry = nullptr;
    int max_connections = 10000;
    int max_request_bytes = 4 << 20;
    int max_metadata_bytes = 16 << 10;                         // of one call
    int max_concurrent_streams = 256;                          // a connection
    absl::Duration max_connection_age = absl::ZeroDuration();  // zero: none
    absl::Duration max_connection_age_grace = absl::Seconds(30);
    absl::Duration max_connection_idle = absl::Minutes(10);  // zero: none
    absl::Duration keepalive_time = absl::Seconds(30);
    absl::Duration keepalive_timeout = absl::Seconds(20);
    absl::Duration min_ping_interval = absl::Seconds(20);

    // Asked with every heartbeat; false makes health answer NOT_SERVING.
    std::function<bool()> healthy = [] { return true; };
  };

  // Starts to serve. `calls` outlives the server.
  // Returns UNAVAILABLE if the address cannot be listened on, INVALID_ARGUMENT
  // if the files of `tls` are wrong, FAILED_PRECONDITION if a method's contract
  // does not say who may call it.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(
      const Options& options, Calls* calls);
  ~GrpcServer();

  int port() const { return listener_->port(); }

  // Health answers NOT_SERVING from now on; calls are still served.
  void StopServing();

  // Takes no new calls, waits up to `grace` for those under way, and cancels
  // the rest. Returns once every call has ended.
  void Drain(absl::Duration grace);

 private:
  GrpcServer(const Options& options, Calls* calls);
  absl::Status Listen();
  void Heartbeat(bool serving);  // what was told last
  void SetServing(bool serving);

  const Options options_;
  BroadcastServiceHandlers broadcast_;
  ClientServiceHandlers clients_;
  ChannelServiceHandlers channels_;
  FeedServiceHandlers feeds_;
  AdminServiceHandlers admin_;
  OperationServiceHandlers operations_;
  EventServiceHandlers events_;
  const std::shared_ptr<Watches> watches_;
  const std::shared_ptr<SendingStreams> sending_;
  const ConnectionMetrics connection_metrics_;
  std::shared_ptr<grpc::ServerCredentials> credentials_;  // outlive the server
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> acceptor_;
  std::unique_ptr<net::Listener> listener_;

  absl::Mutex mu_;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread heartbeat_;
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_GRPC_SERVER_H_
