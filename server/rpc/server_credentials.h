// How the server's connections are secured: certificate and key from files
// that may be replaced while it runs. A free function; any thread.
#ifndef BROADCASTD_RPC_SERVER_CREDENTIALS_H_
#define BROADCASTD_RPC_SERVER_CREDENTIALS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace broadcast::rpc {

struct TlsOptions {
  std::string certificate_file;  // PEM, with its chain; empty: no TLS
  std::string key_file;          // PEM
  std::string client_ca_file;    // empty: no client certificates are asked for
  bool client_certificate_required = true;
  absl::Duration reload_interval = absl::Seconds(10);
};

// Looks at the files first: gRPC would start with files that are missing or do
// not match, and refuse every connection. Afterwards they are read again each
// interval; while a certificate and its key do not match, handshakes fail, so
// replace both at once (a symbolic link to their folder, as mounted secrets).
// Returns INVALID_ARGUMENT, naming the option and the remedy.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const TlsOptions& options);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_SERVER_CREDENTIALS_H_
