// A request and its reply, apart from the library that reads and writes them.
#ifndef BROADCASTD_TELEGRAM_HTTP_MESSAGE_H_
#define BROADCASTD_TELEGRAM_HTTP_MESSAGE_H_

#include <cstdint>
#include <functional>
#include <string>

namespace broadcast::telegram {

struct HttpRequest {
  std::string verb;
  std::string target;  // as in the request line
  std::string content_type;
  std::string body;
};

struct HttpReply {
  enum class Kind {
    kAnswer,
    kReset,    // the connection is reset, nothing is sent
    kCutOff,   // half of the answer is sent, then the connection is closed
    kSilence,  // nothing is sent; the peer may wait as long as it likes
  };
  Kind kind = Kind::kAnswer;
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  int64_t retry_after = 0;  // seconds, for the header; 0: none
};

using Respond = std::function<void(HttpReply)>;

// Calls Respond exactly once, then or later.
using HttpHandler = std::function<void(HttpRequest, Respond)>;

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_HTTP_MESSAGE_H_
