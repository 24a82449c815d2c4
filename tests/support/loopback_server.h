// An HTTP/1.1 server on 127.0.0.1 that does what no proper one would: it sends
// the bytes that the test gives, and ends connections where the test says. The
// test owns it; any thread.
#ifndef BROADCASTD_SUPPORT_LOOPBACK_SERVER_H_
#define BROADCASTD_SUPPORT_LOOPBACK_SERVER_H_

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "support/certificates.h"

struct ssl_ctx_st;

namespace broadcast::test {

struct SeenRequest {
  int connection = 0;  // from 1
  std::string head;    // with the empty line
  std::string body;

  // The value of a header, or "".
  std::string Header(absl::string_view name) const;
  // "/path" of the first line.
  std::string Path() const;
};

// With its Content-Length.
std::string HttpAnswer(int status, absl::string_view body,
                       absl::string_view headers = "");

struct ServerReply {
  enum class Then {
    kKeep,   // the connection, for another request
    kClose,  // in order
    kReset,  // with RST
    kWait,   // until the client goes
  };

  std::string bytes;
  Then then = Then::kKeep;
};

class LoopbackServer {
 public:
  // Decides on each complete request, on a thread of its connection.
  using Handler = std::function<ServerReply(const SeenRequest&)>;

  explicit LoopbackServer(Handler handler);
  // Over TLS.
  LoopbackServer(Handler handler, const Certificate& certificate);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  int port() const { return port_; }
  // "http://127.0.0.1:1234/path", or https.
  std::string Url(absl::string_view path) const;

  // Whether requests are complete, and decided on, at the end of their head.
  void IgnoreBodies(bool ignore) { ignore_bodies_ = ignore; }
  // Connections are accepted and nothing is read from them.
  void Deafen(bool deaf) { deaf_ = deaf; }

  // The complete ones, in the order that they came in.
  std::vector<SeenRequest> requests() const;
  int connections() const { return connections_; }

 private:
  class Stream;

  void Listen();
  void Accept();
  void Serve(int client, int connection);
  bool Read(Stream& stream, std::string& bytes);
  bool ReadRequest(Stream& stream, std::string& bytes, SeenRequest& request);

  // Constant after construction.
  const Handler handler_;
  std::shared_ptr<ssl_ctx_st> tls_;
  int listener_ = -1;
  int port_ = 0;

  std::atomic<bool> ignore_bodies_ = false;
  std::atomic<bool> deaf_ = false;
  std::atomic<bool> stopping_ = false;
  std::atomic<int> connections_ = 0;
  std::thread accepting_;

  mutable absl::Mutex mu_;
  std::vector<SeenRequest> requests_ ABSL_GUARDED_BY(mu_);
  std::vector<std::thread> serving_ ABSL_GUARDED_BY(mu_);
};

}  // namespace broadcast::test

#endif  // BROADCASTD_SUPPORT_LOOPBACK_SERVER_H_
