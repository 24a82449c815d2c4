// Takes a URL apart (RFC 3986), as strictly as a destination or a button
// needs. Free functions without state; any thread.
#ifndef BROADCASTD_CONTENT_URL_H_
#define BROADCASTD_CONTENT_URL_H_

#include <string>

#include "absl/strings/string_view.h"
#include "content/checked.h"

namespace broadcast {

struct Url {
  std::string scheme;          // in lower case
  std::string host;            // in lower case; IPv6 in brackets
  std::string port;            // as written, may be empty
  std::string path_and_query;  // as written, may be empty
  bool has_user_info = false;
  bool has_fragment = false;
};

// The parts of an absolute URL with `://`. Refuses white space and control
// characters anywhere, and a host or port that cannot be one.
Checked<Url> ParseUrl(absl::string_view text);

// What is wrong with the URL of a button, or "".
std::string ButtonUrlProblem(absl::string_view text);

}  // namespace broadcast

#endif  // BROADCASTD_CONTENT_URL_H_
