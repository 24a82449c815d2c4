#include "net/listen_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace broadcast::net {
namespace {

constexpr size_t kMaxHostLength = 253;
constexpr size_t kMaxSocketPath = 107;  // bytes, of sockaddr_un

std::optional<in_addr> Ipv4(const std::string& host) {
  in_addr address;
  if (inet_pton(AF_INET, host.c_str(), &address) != 1) return std::nullopt;
  return address;
}

std::optional<in6_addr> Ipv6(const std::string& host) {
  in6_addr address;
  if (inet_pton(AF_INET6, host.c_str(), &address) != 1) return std::nullopt;
  return address;
}

bool IsHostName(absl::string_view host) {
  return !host.empty() && host.size() <= kMaxHostLength &&
         absl::ascii_isalnum(host.front()) &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '.';
         });
}

bool ParsePort(absl::string_view text, int& port) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, &port) && port <= 65535;
}

}  // namespace

absl::StatusOr<ListenAddress> ListenAddress::Parse(absl::string_view text) {
  absl::Status refused = absl::InvalidArgumentError(
      "is no address; write HOST:PORT, [IPV6]:PORT or unix:PATH");
  ListenAddress address;
  absl::string_view rest = text;
  if (absl::ConsumePrefix(&rest, "unix:")) {
    if (rest.empty() || rest.size() > kMaxSocketPath) return refused;
    address.path = std::string(rest);
    return address;
  }
  const size_t colon = rest.rfind(':');
  if (colon == absl::string_view::npos) return refused;
  absl::string_view host = rest.substr(0, colon);
  if (!ParsePort(rest.substr(colon + 1), address.port)) return refused;
  const bool bracketed =
      absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  address.host = std::string(host);
  if (bracketed ? !Ipv6(address.host).has_value() : !IsHostName(host)) {
    return refused;
  }
  return address;
}

bool ListenAddress::IsLoopback() const {
  if (!path.empty() || absl::EqualsIgnoreCase(host, "localhost")) return true;
  if (const auto v4 = Ipv4(host)) return ntohl(v4->s_addr) >> 24 == 127;
  if (const auto v6 = Ipv6(host)) {
    return IN6_IS_ADDR_LOOPBACK(&*v6) ||
           (IN6_IS_ADDR_V4MAPPED(&*v6) && v6->s6_addr[12] == 127);
  }
  return false;
}

std::string ListenAddress::DialAddress() const {
  if (!path.empty()) return absl::StrCat("unix:", path);
  if (const auto v4 = Ipv4(host)) {
    return absl::StrCat(v4->s_addr == INADDR_ANY ? "127.0.0.1" : host, ":",
                        port);
  }
  if (const auto v6 = Ipv6(host)) {
    return absl::StrCat("[", IN6_IS_ADDR_UNSPECIFIED(&*v6) ? "::1" : host,
                        "]:", port);
  }
  return absl::StrCat(host, ":", port);
}

}  // namespace broadcast::net
