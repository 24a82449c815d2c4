// HTTP/1.1 with keep-alive on one address of loopback; everything happens on
// the thread of the loop, which must outlive it. The one place that knows
// Boost.Beast.
#ifndef BROADCASTD_TELEGRAM_HTTP_LISTENER_H_
#define BROADCASTD_TELEGRAM_HTTP_LISTENER_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "absl/status/status.h"
#include "telegram/http_message.h"

namespace broadcast::telegram {

class HttpListener {
 public:
  HttpListener(boost::asio::io_context& io, HttpHandler handler);

  // `address` is HOST:PORT; port 0 takes any that is free.
  // Returns INVALID_ARGUMENT if that is no address of loopback; UNAVAILABLE if
  // it cannot be listened on.
  absl::Status Listen(const std::string& address);

  int port() const { return port_; }

 private:
  void Accept();

  boost::asio::io_context& io_;
  const HttpHandler handler_;
  boost::asio::ip::tcp::acceptor acceptor_;
  int port_ = 0;
};

}  // namespace broadcast::telegram

#endif  // BROADCASTD_TELEGRAM_HTTP_LISTENER_H_
