// An HTTP client as simple as one can be, so that a test sees what truly goes
// over the wire. One thread.
#ifndef BROADCASTD_TELEGRAM_RAW_HTTP_H_
#define BROADCASTD_TELEGRAM_RAW_HTTP_H_

#include <map>
#include <string>

namespace broadcast::test {

struct RawAnswer {
  int status = 0;                              // 0: none came
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
  bool whole = false;  // the body is as long as was promised
  bool reset = false;  // the connection was reset
};

class RawHttp {
 public:
  explicit RawHttp(int port);
  ~RawHttp();
  RawHttp(const RawHttp&) = delete;
  RawHttp& operator=(const RawHttp&) = delete;

  // Sends `bytes` as they are.
  void Write(const std::string& bytes);
  // Waits for an answer for so long.
  RawAnswer Read(int seconds = 30);

  RawAnswer Get(const std::string& target);
  RawAnswer Post(const std::string& target, const std::string& content_type,
                 const std::string& body);

 private:
  const int socket_;
  std::string unread_;
};

}  // namespace broadcast::test

#endif  // BROADCASTD_TELEGRAM_RAW_HTTP_H_
