// What is asked of a server and what came of it. Values; any thread.
#ifndef BROADCASTD_HTTP_EXCHANGE_H_
#define BROADCASTD_HTTP_EXCHANGE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "http/destinations.h"

namespace broadcast::http {

// How far an exchange came. Whoever knows the phase of a failure knows
// whether the server can have acted: not before kRequestSent.
enum class Phase {
  kNotConnected,   // no connection, or its TLS handshake did not end
  kRequestUnsent,  // some of the request never left this process
  kRequestSent,    // all of it left; no status was read
  kResponseRead,   // the status and all headers of the answer were read
};

enum class Failure {
  kNone,      // the response is complete
  kUrl,       // the URL is none, or of a scheme that its destinations exclude
  kBlocked,   // its destinations exclude the address
  kResolve,   // the name of the host has no address
  kConnect,   // nothing listens there, or not to us
  kTls,       // no handshake, or a certificate that we do not trust
  kTimeout,   // the time that was given is over
  kLost,      // the connection ended, or a part of the answer is missing
  kGarbled,   // what was answered is not HTTP
  kTooLarge,  // the answer is larger than we read
  kCancelled,
  kInternal,  // the library, or memory
};

struct Post {
  std::string url;
  std::vector<std::string> headers;  // "Name: value"
  std::string body;                  // not empty
  absl::Duration timeout;            // of everything, connecting included
  std::shared_ptr<const Destinations> destinations;
};

struct Response {
  Failure failure = Failure::kNone;
  Phase phase = Phase::kNotConnected;
  int status = 0;  // 0 below kResponseRead
  // As much as was read of it: all, if there is no failure.
  std::string body;
  std::optional<absl::Duration> retry_after;  // the header's; never negative
};

}  // namespace broadcast::http

#endif  // BROADCASTD_HTTP_EXCHANGE_H_
