// The way of `broadcastd healthcheck` to a server. A free function; any thread.
#ifndef BROADCASTD_RPC_HEALTH_CHANNEL_H_
#define BROADCASTD_RPC_HEALTH_CHANNEL_H_

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

namespace broadcast::rpc {

// What to use over TLS: the contents of PEM files.
struct HealthTls {
  std::string authorities;  // whom to trust
  std::string certificate;  // to show to a server that asks; empty: none
  std::string key;
};

// A channel to `address`, in the clear if there is no `tls`. The server's
// certificate must lead to `tls->authorities` but may be of any name: a probe
// asks on loopback, where the server has none, and tells it nothing.
std::shared_ptr<grpc::Channel> HealthChannel(const std::string& address,
                                             const HealthTls* tls);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_HEALTH_CHANNEL_H_
