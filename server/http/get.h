// Fetches a document over https. Not for what must be sent once: libcurl may
// repeat a GET by itself. A free function; any thread that may wait.
#ifndef BROADCASTD_HTTP_GET_H_
#define BROADCASTD_HTTP_GET_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace broadcast::http {

struct GetOptions {
  std::string ca_file;  // the only authorities; empty: the system's
  absl::Duration timeout = absl::Seconds(10);
  size_t most_bytes = 256 << 10;
};

// True for https, and for http to this machine's loopback address.
bool IsSafeUrl(const std::string& url);

// The body of a 200. Follows no redirect.
// Returns INVALID_ARGUMENT for a URL that is not safe and for a file of
// authorities that cannot be read; UNAVAILABLE, which says what failed but
// nothing of the body, for everything else.
absl::StatusOr<std::string> Get(const std::string& url,
                                const GetOptions& options);

}  // namespace broadcast::http

#endif  // BROADCASTD_HTTP_GET_H_
