#include "http/destinations.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"

namespace broadcast::http {
namespace {

constexpr int kMappedBits = 96;  // ::ffff:0:0/96

IpAddress Mapped(const in_addr& ipv4) {
  IpAddress address = {};
  address[10] = 0xff;
  address[11] = 0xff;
  std::memcpy(&address[12], &ipv4, sizeof(ipv4));
  return address;
}

constexpr Network Ipv4(uint8_t a, uint8_t b, uint8_t c, int bits) {
  return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, 0},
          kMappedBits + bits};
}

constexpr Network Ipv6(uint16_t a, uint16_t b, int bits) {
  return {{static_cast<uint8_t>(a >> 8), static_cast<uint8_t>(a),
           static_cast<uint8_t>(b >> 8), static_cast<uint8_t>(b)},
          bits};
}

// The registries of special-purpose addresses (RFC 6890 and what updates it).
constexpr Network kNotPublicIpv4[] = {
    Ipv4(0, 0, 0, 8),       // this network
    Ipv4(10, 0, 0, 8),      // private
    Ipv4(100, 64, 0, 10),   // behind a carrier
    Ipv4(127, 0, 0, 8),     // loopback
    Ipv4(169, 254, 0, 16),  // link local, and the clouds' metadata
    Ipv4(172, 16, 0, 12),   // private
    Ipv4(192, 0, 0, 24),    // protocols
    Ipv4(192, 0, 2, 24),    // documentation
    Ipv4(192, 88, 99, 24),  // relays of 6to4
    Ipv4(192, 168, 0, 16),  // private
    Ipv4(198, 18, 0, 15),   // benchmarks
    Ipv4(198, 51, 100, 24), Ipv4(203, 0, 113, 24),
    Ipv4(224, 0, 0, 4),  // multicast
    Ipv4(240, 0, 0, 4),  // reserved, and broadcast
};

constexpr Network kGlobalUnicast = Ipv6(0x2000, 0, 3);

constexpr Network kNotPublicIpv6[] = {
    Ipv6(0x2001, 0, 23),       // protocols, Teredo among them
    Ipv6(0x2001, 0x0db8, 32),  // documentation
    Ipv6(0x2002, 0, 16),       // 6to4
    Ipv6(0x3fff, 0, 20),       // documentation
};

constexpr Network kLoopback[] = {
    Ipv4(127, 0, 0, 8),
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128},
};

constexpr Network kIpv4 = Ipv4(0, 0, 0, 0);

template <typename Networks>
bool AnyContains(const Networks& networks, const IpAddress& address) {
  return std::any_of(
      std::begin(networks), std::end(networks),
      [&](const Network& network) { return network.Contains(address); });
}

std::optional<Network> ParseNetwork(absl::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<IpAddress> address =
      ParseIpAddress(std::string(text.substr(0, slash)));
  if (!address.has_value()) return std::nullopt;
  const int first = kIpv4.Contains(*address) ? kMappedBits : 0;
  int bits = 128 - first;
  if (slash != text.npos && (!absl::SimpleAtoi(text.substr(slash + 1), &bits) ||
                             bits < 0 || bits > 128 - first)) {
    return std::nullopt;
  }
  return Network{*address, first + bits};
}

uint16_t PortOf(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    return ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port);
  }
  return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
}

}  // namespace

std::optional<IpAddress> ParseIpAddress(const std::string& text) {
  in_addr ipv4;
  if (inet_pton(AF_INET, text.c_str(), &ipv4) == 1) return Mapped(ipv4);
  IpAddress address;
  if (inet_pton(AF_INET6, text.c_str(), address.data()) == 1) return address;
  return std::nullopt;
}

std::optional<IpAddress> IpAddressOf(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    return Mapped(reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  }
  if (address.sa_family != AF_INET6) return std::nullopt;
  IpAddress bytes;
  std::memcpy(bytes.data(),
              &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr,
              bytes.size());
  return bytes;
}

bool IsPublic(const IpAddress& address) {
  if (kIpv4.Contains(address)) return !AnyContains(kNotPublicIpv4, address);
  return kGlobalUnicast.Contains(address) &&
         !AnyContains(kNotPublicIpv6, address);
}

bool Network::Contains(const IpAddress& other) const {
  for (size_t i = 0; i < other.size(); ++i) {
    const int compared =
        std::clamp(bits - static_cast<int>(i) * 8, 0, 8);  // of this byte
    const int mask = 0xff00 >> compared & 0xff;
    if (((address[i] ^ other[i]) & mask) != 0) return false;
  }
  return true;
}

absl::StatusOr<Destinations> Destinations::Create(const Options& options) {
  Destinations destinations(options);
  for (const std::string& text : options.networks) {
    const std::optional<Network> network = ParseNetwork(text);
    if (!network.has_value()) {
      return absl::InvalidArgumentError(
          "a network that may be connected to is not of the form 10.1.0.0/16 "
          "or fd00::/8");
    }
    destinations.networks_.push_back(*network);
  }
  return destinations;
}

bool Destinations::AllowsScheme(absl::string_view scheme) const {
  return scheme == "https" || (scheme == "http" && options_.http);
}

bool Destinations::Allows(const IpAddress& address, uint16_t port) const {
  if (options_.loopback_only) return AnyContains(kLoopback, address);
  if (options_.anywhere || AnyContains(networks_, address)) return true;
  return IsPublic(address) &&
         std::find(options_.ports.begin(), options_.ports.end(), port) !=
             options_.ports.end();
}

bool Destinations::Allows(const sockaddr& address) const {
  const std::optional<IpAddress> ip = IpAddressOf(address);
  return ip.has_value() && Allows(*ip, PortOf(address));
}

}  // namespace broadcast::http
