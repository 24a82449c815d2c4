// Where the server is and how to speak to it, from options and environment.
// Values; any thread.
#ifndef BROADCASTD_CLI_CONNECTION_SETTINGS_H_
#define BROADCASTD_CLI_CONNECTION_SETTINGS_H_

#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/arguments.h"

namespace broadcast::cli {

// The value of an environment variable; none if it is unset.
using EnvironmentReader =
    std::function<std::optional<std::string>(absl::string_view name)>;

struct ConnectionSettings {
  std::string address;
  std::string token;       // at most one of the two; never printed
  std::string token_file;  // read again for each call
  bool tls = false;
  std::string tls_ca;  // a file; empty: the system's authorities
  std::string tls_cert;
  std::string tls_key;
  std::string tls_server_name;
};

// Returns INVALID_ARGUMENT for options that contradict each other, and for a
// token that would leave this machine unencrypted.
absl::StatusOr<ConnectionSettings> ReadConnectionSettings(
    const Arguments& arguments, const EnvironmentReader& environment);

// Whether every endpoint of a gRPC target is on this machine.
bool IsLoopbackTarget(absl::string_view target);

// Returns INVALID_ARGUMENT, which tells nothing of it, for a token that cannot
// travel in a header.
absl::Status CheckToken(absl::string_view token);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_CONNECTION_SETTINGS_H_
