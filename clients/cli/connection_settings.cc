#include "cli/connection_settings.h"

#include <arpa/inet.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "cli/return_status.h"

namespace broadcast::cli {
namespace {

constexpr char kDefaultAddress[] = "127.0.0.1:50051";

// The option's value, else the variable's. An empty one counts as none.
class Source {
 public:
  Source(const Arguments& arguments, const EnvironmentReader& environment)
      : arguments_(arguments), environment_(environment) {}

  std::string Get(absl::string_view option, absl::string_view variable) const {
    const std::string given = arguments_.Get(option);
    return given.empty() ? environment_(variable).value_or("") : given;
  }

 private:
  const Arguments& arguments_;
  const EnvironmentReader& environment_;
};

absl::Status Refused(absl::string_view problem) {
  return absl::InvalidArgumentError(problem);
}

// An option for the token beats both variables.
absl::Status ReadToken(const Arguments& arguments, const Source& source,
                       ConnectionSettings& settings) {
  CLI_RETURN_IF_ERROR(arguments.CheckOneOf({"token", "token-file"}, false));
  const bool given = arguments.Has("token") || arguments.Has("token-file");
  settings.token =
      given ? arguments.Get("token") : source.Get("token", "BROADCAST_TOKEN");
  settings.token_file = given
                            ? arguments.Get("token-file")
                            : source.Get("token-file", "BROADCAST_TOKEN_FILE");
  if (!settings.token.empty() && !settings.token_file.empty()) {
    return Refused("set only one of BROADCAST_TOKEN and BROADCAST_TOKEN_FILE");
  }
  settings.token = std::string(absl::StripAsciiWhitespace(settings.token));
  return CheckToken(settings.token);
}

// The host of HOST, HOST:PORT, [IPV6]:PORT or IPV6.
absl::string_view HostOf(absl::string_view endpoint) {
  if (absl::StartsWith(endpoint, "[")) {
    return endpoint.substr(1, endpoint.find(']') - 1);
  }
  if (std::count(endpoint.begin(), endpoint.end(), ':') > 1) return endpoint;
  return endpoint.substr(0, endpoint.find(':'));
}

bool IsLoopbackHost(absl::string_view host) {
  const std::string name = absl::AsciiStrToLower(host);
  in_addr four;
  in6_addr six;
  if (inet_pton(AF_INET, name.c_str(), &four) == 1) {
    return (ntohl(four.s_addr) >> 24) == 127;
  }
  if (inet_pton(AF_INET6, name.c_str(), &six) == 1) {
    return IN6_IS_ADDR_LOOPBACK(&six);
  }
  return name == "localhost";
}

}  // namespace

bool IsLoopbackTarget(absl::string_view target) {
  for (const absl::string_view scheme : {"unix:", "unix-abstract:"}) {
    if (absl::StartsWith(target, scheme)) return true;
  }
  for (const absl::string_view scheme : {"dns:", "ipv4:", "ipv6:"}) {
    if (!absl::ConsumePrefix(&target, scheme)) continue;
    // `dns://SERVER/HOST` asks SERVER what HOST is.
    if (absl::StartsWith(target, "//") &&
        !absl::ConsumePrefix(&target, "///")) {
      return false;
    }
    break;
  }
  const std::vector<absl::string_view> endpoints = absl::StrSplit(target, ',');
  return std::all_of(endpoints.begin(), endpoints.end(),
                     [](absl::string_view endpoint) {
                       return IsLoopbackHost(HostOf(endpoint));
                     });
}

absl::Status CheckToken(absl::string_view token) {
  const bool fits =
      std::all_of(token.begin(), token.end(), absl::ascii_isgraph);
  if (fits) return absl::OkStatus();
  return Refused(
      "the token has characters that no token has; look at what is in "
      "BROADCAST_TOKEN, or in the file");
}

absl::StatusOr<ConnectionSettings> ReadConnectionSettings(
    const Arguments& arguments, const EnvironmentReader& environment) {
  const Source source(arguments, environment);
  ConnectionSettings settings;
  settings.address = source.Get("address", "BROADCAST_ADDRESS");
  if (settings.address.empty()) settings.address = kDefaultAddress;
  CLI_RETURN_IF_ERROR(ReadToken(arguments, source, settings));
  settings.tls_ca = source.Get("tls-ca", "BROADCAST_TLS_CA");
  settings.tls_cert = source.Get("tls-cert", "BROADCAST_TLS_CERT");
  settings.tls_key = source.Get("tls-key", "BROADCAST_TLS_KEY");
  settings.tls_server_name = arguments.Get("tls-server-name");
  if (settings.tls_cert.empty() != settings.tls_key.empty()) {
    return Refused(
        "--tls-cert (BROADCAST_TLS_CERT) and --tls-key (BROADCAST_TLS_KEY) "
        "need each other");
  }
  settings.tls = arguments.Has("tls") || !settings.tls_ca.empty() ||
                 !settings.tls_cert.empty();
  if (!settings.tls && !settings.tls_server_name.empty()) {
    return Refused("--tls-server-name is of use only with --tls or --tls-ca");
  }
  const bool token = !settings.token.empty() || !settings.token_file.empty();
  if (token && !settings.tls && !arguments.Has("allow-insecure-token") &&
      !IsLoopbackTarget(settings.address)) {
    return Refused(absl::StrCat(
        "the token is not sent to ", settings.address,
        " without TLS; give --tls-ca (BROADCAST_TLS_CA) or --tls, or allow it "
        "with --allow-insecure-token"));
  }
  return settings;
}

}  // namespace broadcast::cli
