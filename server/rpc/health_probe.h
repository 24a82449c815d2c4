// Asks a gRPC server how it is: the heartbeat within the process, and
// `broadcastd healthcheck` from outside. One thread at a time.
#ifndef BROADCASTD_RPC_HEALTH_PROBE_H_
#define BROADCASTD_RPC_HEALTH_PROBE_H_

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <memory>

#include "absl/time/time.h"

namespace broadcast::rpc {

class HealthProbe {
 public:
  explicit HealthProbe(std::shared_ptr<grpc::Channel> channel)
      : stub_(std::move(channel)) {}

  // Calls grpc.health.v1.Health.Check and does not wait for the answer.
  void Ask();

  // Waits for it: true for SERVING.
  bool IsServing(absl::Duration timeout);

 private:
  grpc::GenericStub stub_;
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_HEALTH_PROBE_H_
