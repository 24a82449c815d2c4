// One POST over a handle of libcurl: sets the handle up, follows what leaves
// and what comes, and makes the Response of it. The transport owns it and its
// thread alone touches it. Not for other layers.
//
// libcurl 7.88 sends a POST again by itself when a connection that it used
// before ends without an answer; no option forbids that. Two things here do:
// the body comes from a callback that cannot be rewound, and no request begins
// once the body of an earlier one was asked for.
#ifndef BROADCASTD_HTTP_TRANSFER_H_
#define BROADCASTD_HTTP_TRANSFER_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "base/clock.h"
#include "http/curl_handles.h"
#include "http/exchange.h"

namespace broadcast::http {

struct TransferOptions {
  std::string ca_file;  // the only authorities; empty: the system's
  absl::Duration connect_timeout;
  absl::Duration idle;    // an idle connection is used again for so long
  size_t most_bytes = 0;  // of the headers, and of the body, of an answer
};

class Transfer {
 public:
  // `clock` and `options` outlive this.
  Transfer(Post post, std::function<void(Response)> done,
           const TransferOptions* options, const Clock* clock);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  // Makes the handle. False, with the response made, if it needs no I/O to
  // know that this cannot be sent.
  bool Prepare();

  CURL* handle() const { return easy_.get(); }

  // Some of the request has left this process.
  bool begun() const { return head_sent_ > 0; }

  // What became of it, when the library is done with the handle.
  void Finish(CURLcode code);
  // The transport gave up.
  void Abandon();

  // After Prepare said false, Finish or Abandon; once. It may destroy this.
  void Answer();

 private:
  static size_t OnRead(char* to, size_t size, size_t count, void* self);
  static int OnSeek(void* self, curl_off_t offset, int origin);
  static int OnDebug(CURL* handle, curl_infotype type, char* data, size_t size,
                     void* self);
  static size_t OnHeader(char* data, size_t size, size_t count, void* self);
  static size_t OnBody(char* data, size_t size, size_t count, void* self);
  static curl_socket_t OnOpenSocket(void* self, curlsocktype purpose,
                                    curl_sockaddr* address);
  static int OnRequest(void* self, char* peer, char* own, int peer_port,
                       int own_port);

  // kNone if the URL may be tried.
  Failure CheckUrl() const;
  void SetDestination();
  void AppendHeader(const std::string& header);
  void SetRequest();
  void SetAnswer();
  bool ReadHeader(absl::string_view line);
  Phase ReachedPhase() const;
  Failure FailureOf(CURLcode code) const;

  // Constant after construction.
  const Post post_;
  std::function<void(Response)> done_;
  const TransferOptions* const options_;
  const Clock* const clock_;

  HeaderList headers_;
  EasyHandle easy_;

  // Of the connection.
  bool connected_ = false;
  bool connection_tried_ = false;  // to an address that is allowed
  bool blocked_ = false;

  // Of the request.
  size_t body_read_ = 0;  // by the library
  int64_t head_sent_ = 0;
  int64_t body_sent_ = 0;

  // Of the answer.
  int status_ = 0;  // of the head that is being read
  bool head_complete_ = false;
  bool too_large_ = false;
  size_t header_bytes_ = 0;
  Response response_;
};

}  // namespace broadcast::http

#endif  // BROADCASTD_HTTP_TRANSFER_H_
