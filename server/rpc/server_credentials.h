// How the server's connections are secured: by certificate and key from files
// that may be replaced while it runs. The server owns its credentials and keeps
// them until it has ended; any thread.
#ifndef BROADCASTD_RPC_SERVER_CREDENTIALS_H_
#define BROADCASTD_RPC_SERVER_CREDENTIALS_H_

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/log.h"
#include "rpc/tls_files.h"

namespace broadcast::rpc {

// Afterwards a connection that begins looks at the files again if the interval
// has passed. Files that are missing, malformed or do not match leave the ones
// before in force, which the log tells. `clock` and `log` outlive the
// credentials.
// Returns INVALID_ARGUMENT as ReadTlsFiles does.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> MakeServerCredentials(
    const TlsOptions& options, const Clock* clock, Log* log);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_SERVER_CREDENTIALS_H_
