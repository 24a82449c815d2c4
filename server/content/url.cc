#include "content/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstddef>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/limits.h"
#include "base/utf8.h"

namespace broadcast {
namespace {

constexpr size_t kMaxHostLength = 253;  // RFC 1035, without the final dot
constexpr size_t kMaxLabelLength = 63;

bool IsScheme(absl::string_view text) {
  return !text.empty() && absl::ascii_isalpha(text[0]) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '+' || c == '-' || c == '.';
         });
}

bool IsDnsLabel(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxLabelLength &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_';
         });
}

bool IsHost(absl::string_view text) {
  if (absl::StartsWith(text, "[") && absl::EndsWith(text, "]")) {
    const std::string address(text.substr(1, text.size() - 2));
    in6_addr ignored;
    return inet_pton(AF_INET6, address.c_str(), &ignored) == 1;
  }
  if (text.empty() || text.size() > kMaxHostLength) return false;
  for (const absl::string_view label : absl::StrSplit(text, '.')) {
    if (!IsDnsLabel(label)) return false;
  }
  return true;
}

bool IsPort(absl::string_view text) {
  int port = 0;
  return text.empty() ||
         (text.size() <= 5 &&
          std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
          absl::SimpleAtoi(text, &port) && port >= 1 && port <= 65535);
}

bool IsSpaceOrControl(char c) {
  return absl::ascii_isspace(c) || absl::ascii_iscntrl(c);
}

// `authority` is [user info@]host[:port].
std::string ReadAuthority(absl::string_view authority, Url& url) {
  const size_t at_sign = authority.rfind('@');
  url.has_user_info = at_sign != authority.npos;
  if (url.has_user_info) authority.remove_prefix(at_sign + 1);
  // The colons of an IPv6 address are within its brackets.
  const size_t bracket = authority.rfind(']');
  const size_t colon = authority.rfind(':');
  if (colon != authority.npos &&
      (bracket == authority.npos || colon > bracket)) {
    url.port = std::string(authority.substr(colon + 1));
    authority = authority.substr(0, colon);
  }
  url.host = absl::AsciiStrToLower(authority);
  if (!IsHost(url.host)) {
    return "must have a host: a DNS name in ASCII (punycode if it is "
           "international), an IPv4 address, or an IPv6 address in brackets";
  }
  if (!IsPort(url.port)) return "has a port that is not 1 to 65535";
  return "";
}

}  // namespace

Checked<Url> ParseUrl(absl::string_view text) {
  if (std::any_of(text.begin(), text.end(), IsSpaceOrControl)) {
    return {.problem =
                "contains white space or control characters; "
                "percent-encode them"};
  }
  const size_t colon = text.find("://");
  if (colon == text.npos || !IsScheme(text.substr(0, colon))) {
    return {.problem =
                "is not an absolute URL such as "
                "https://example.com/path"};
  }
  Checked<Url> url;
  url.value.scheme = absl::AsciiStrToLower(text.substr(0, colon));
  text.remove_prefix(colon + 3);
  const size_t hash = text.find('#');
  url.value.has_fragment = hash != text.npos;
  text = text.substr(0, hash);
  const size_t authority_end = std::min(text.find_first_of("/?"), text.size());
  url.value.path_and_query = std::string(text.substr(authority_end));
  url.problem = ReadAuthority(text.substr(0, authority_end), url.value);
  return url;
}

// What opens is up to the reader's device, so that this refuses only what no
// platform would accept: a host may be international, for example.
std::string ButtonUrlProblem(absl::string_view text) {
  constexpr absl::string_view kSchemes[] = {"https://", "http://", "tg://"};
  if (text.empty()) {
    return "must not be empty; give an http, https or tg URL";
  }
  if (text.size() > limits::kMaxUrlLength) {
    return absl::StrCat("has ", text.size(), " bytes; at most ",
                        limits::kMaxUrlLength, " are allowed");
  }
  if (!IsUtf8(text)) return "is not valid UTF-8";
  if (std::any_of(text.begin(), text.end(), IsSpaceOrControl)) {
    return "contains white space or control characters; percent-encode them";
  }
  for (const absl::string_view scheme : kSchemes) {
    if (!absl::StartsWithIgnoreCase(text, scheme)) continue;
    text.remove_prefix(scheme.size());
    const size_t host_end = std::min(text.find_first_of("/?#"), text.size());
    if (host_end == 0) return "has nothing behind its ://; name a host";
    return "";
  }
  return "must be an http, https or tg URL such as https://example.com/path";
}

}  // namespace broadcast
