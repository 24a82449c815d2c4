#include "telegram/http_listener.h"

#include <array>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace broadcast::telegram {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

constexpr size_t kMostHeaderBytes = 256 << 10;
constexpr size_t kMostBodyBytes = 64 << 20;

// One connection. Whoever owes it an answer keeps it alive.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, const HttpHandler& handler)
      : socket_(std::move(socket)), handler_(handler) {
    error_code ignored;
    socket_.set_option(tcp::no_delay(true), ignored);
  }

  void Read();

 private:
  void OnRequest(const error_code& error);
  void Reply(HttpReply reply);
  void Write(const HttpReply& reply);
  void CutOff();
  void Reset();
  void Drain();

  tcp::socket socket_;
  const HttpHandler& handler_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  http::response<http::string_body> response_;
  std::string half_;
  std::array<char, 256> scratch_{};
  bool keep_alive_ = false;
};

void Connection::Read() {
  parser_.emplace();
  parser_->header_limit(kMostHeaderBytes);
  parser_->body_limit(kMostBodyBytes);
  http::async_read(
      socket_, buffer_, *parser_,
      [self = shared_from_this()](const error_code& error, size_t) {
        self->OnRequest(error);
      });
}

void Connection::OnRequest(const error_code& error) {
  if (error.category() ==
          http::make_error_code(http::error::end_of_stream).category() &&
      error != http::error::end_of_stream &&
      error != http::error::partial_message) {
    keep_alive_ = false;
    const bool large = error == http::error::body_limit;
    return Reply({.status = large ? 413 : 400,
                  .body = large ? R"({"ok":false,"error_code":413,)"
                                  R"("description":"Request Entity Too Large"})"
                                : R"({"ok":false,"error_code":400,)"
                                  R"("description":"Bad Request"})"});
  }
  if (error) return;
  auto request = parser_->release();
  keep_alive_ = request.keep_alive();
  const auto text = [](beast::string_view view) {
    return std::string(view.data(), view.size());
  };
  handler_({.verb = text(request.method_string()),
            .target = text(request.target()),
            .content_type = text(request[http::field::content_type]),
            .body = std::move(request.body())},
           [self = shared_from_this()](HttpReply reply) {
             self->Reply(std::move(reply));
           });
}

void Connection::Reply(HttpReply reply) {
  switch (reply.kind) {
    case HttpReply::Kind::kReset:
      return Reset();
    case HttpReply::Kind::kSilence:
      return Drain();
    case HttpReply::Kind::kAnswer:
    case HttpReply::Kind::kCutOff:
      return Write(reply);
  }
}

void Connection::Write(const HttpReply& reply) {
  response_ = {};
  response_.version(11);
  response_.result(static_cast<unsigned>(reply.status));
  response_.set(http::field::server, "nginx/1.18.0");
  response_.set(http::field::content_type, reply.content_type);
  if (reply.retry_after > 0) {
    response_.set(http::field::retry_after, absl::StrCat(reply.retry_after));
  }
  response_.keep_alive(keep_alive_);
  response_.body() = reply.body;
  response_.prepare_payload();
  if (reply.kind == HttpReply::Kind::kCutOff) return CutOff();
  http::async_write(
      socket_, response_,
      [self = shared_from_this()](const error_code& error, size_t) {
        if (error) return;
        if (self->keep_alive_) return self->Read();
        error_code ignored;
        self->socket_.shutdown(tcp::socket::shutdown_send, ignored);
      });
}

void Connection::CutOff() {
  std::ostringstream whole;
  whole << response_;
  half_ = whole.str();
  half_.resize(half_.size() - response_.body().size() / 2 - 1);
  asio::async_write(socket_, asio::buffer(half_),
                    [self = shared_from_this()](const error_code&, size_t) {
                      error_code ignored;
                      self->socket_.close(ignored);
                    });
}

void Connection::Reset() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
}

void Connection::Drain() {
  socket_.async_read_some(
      asio::buffer(scratch_),
      [self = shared_from_this()](const error_code& error, size_t) {
        if (!error) self->Drain();
      });
}

}  // namespace

HttpListener::HttpListener(asio::io_context& io, HttpHandler handler)
    : io_(io), handler_(std::move(handler)), acceptor_(io) {}

absl::Status HttpListener::Listen(const std::string& address) {
  const size_t colon = address.rfind(':');
  int port = 0;
  error_code error;
  if (colon == std::string::npos ||
      !absl::SimpleAtoi(address.substr(colon + 1), &port) || port < 0 ||
      port > 65535) {
    return absl::InvalidArgumentError("--listen must be HOST:PORT");
  }
  const auto host = asio::ip::make_address(address.substr(0, colon), error);
  if (error || !host.is_loopback()) {
    return absl::InvalidArgumentError("--listen must be 127.0.0.1:PORT");
  }
  const tcp::endpoint endpoint(host, static_cast<uint16_t>(port));
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(4096, error);
  if (error) return absl::UnavailableError(error.message());
  port_ = acceptor_.local_endpoint().port();
  Accept();
  return absl::OkStatus();
}

void HttpListener::Accept() {
  acceptor_.async_accept([this](const error_code& error, tcp::socket socket) {
    if (!acceptor_.is_open()) return;
    if (!error) {
      std::make_shared<Connection>(std::move(socket), handler_)->Read();
    }
    Accept();
  });
}

}  // namespace broadcast::telegram
