// Where a sender may connect to. What our callers name as a destination must
// not reach what only this machine can reach, so the rule is asked of the URL
// before anything is done, of each address that its host resolves to, and of
// the address of a connection that is used again. Immutable; any thread.
#ifndef BROADCASTD_HTTP_DESTINATIONS_H_
#define BROADCASTD_HTTP_DESTINATIONS_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace broadcast::http {

// An IPv6 address; IPv4 in its mapped form.
using IpAddress = std::array<uint8_t, 16>;

// Nothing for what is no address of IPv4 or IPv6.
std::optional<IpAddress> ParseIpAddress(const std::string& text);
std::optional<IpAddress> IpAddressOf(const sockaddr& address);

// True for what anybody on the internet could reach: global unicast, and no
// form of IPv6 that carries an address of IPv4.
bool IsPublic(const IpAddress& address);

struct Network {
  IpAddress address = {};
  int bits = 0;  // of 128

  bool Contains(const IpAddress& other) const;
};

class Destinations {
 public:
  struct Options {
    bool anywhere = false;       // every address and port; else the public ones
    bool loopback_only = false;  // nothing but this machine; beats `anywhere`
    bool http = false;           // unencrypted too
    // Of public addresses.
    std::vector<uint16_t> ports = {443, 80, 8443};
    // Allowed with every port: "127.0.0.1", "10.1.0.0/16", "fd00::/8".
    std::vector<std::string> networks;
  };

  // Returns INVALID_ARGUMENT if a network cannot be read.
  static absl::StatusOr<Destinations> Create(const Options& options);

  bool AllowsScheme(absl::string_view scheme) const;
  bool Allows(const IpAddress& address, uint16_t port) const;
  bool Allows(const sockaddr& address) const;

  bool http() const { return options_.http; }

 private:
  explicit Destinations(const Options& options) : options_(options) {}

  // Constant after construction.
  Options options_;
  std::vector<Network> networks_;
};

}  // namespace broadcast::http

#endif  // BROADCASTD_HTTP_DESTINATIONS_H_
