// The files that secure the server's connections, read and found to fit
// together. A value and a free function; any thread.
#ifndef BROADCASTD_RPC_TLS_FILES_H_
#define BROADCASTD_RPC_TLS_FILES_H_

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

// What is in them, in PEM.
struct TlsFiles {
  std::string certificate;
  std::string key;
  std::string client_ca;  // empty: none is configured

  friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

// Reads the files and checks what it has read: gRPC would start with files that
// are missing or do not match and refuse every connection, and end the process
// for a key without a byte.
// Returns INVALID_ARGUMENT, naming the option, the file and the remedy but
// nothing of the key: a file cannot be read, is malformed or encrypted, the key
// is not the certificate's, or the certificate has expired.
absl::StatusOr<TlsFiles> ReadTlsFiles(const TlsOptions& options);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_TLS_FILES_H_
