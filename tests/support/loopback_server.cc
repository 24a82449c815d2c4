#include "support/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace broadcast::test {
namespace {

constexpr int kTickMs = 20;

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, FreeBio>;

std::shared_ptr<SSL_CTX> TlsFor(const Certificate& certificate) {
  std::shared_ptr<SSL_CTX> tls(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  const Bio chain(BIO_new_mem_buf(certificate.certificate.data(), -1));
  const Bio key(BIO_new_mem_buf(certificate.key.data(), -1));
  const std::unique_ptr<X509, decltype(&X509_free)> x509(
      PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr), &X509_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> pkey(
      PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr),
      &EVP_PKEY_free);
  if (SSL_CTX_use_certificate(tls.get(), x509.get()) != 1 ||
      SSL_CTX_use_PrivateKey(tls.get(), pkey.get()) != 1) {
    throw std::runtime_error("the certificate of the server is none");
  }
  return tls;
}

}  // namespace

std::string SeenRequest::Header(absl::string_view name) const {
  for (const absl::string_view line : absl::StrSplit(head, "\r\n")) {
    const std::vector<absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    if (parts.size() == 2 && absl::EqualsIgnoreCase(parts[0], name)) {
      return std::string(absl::StripAsciiWhitespace(parts[1]));
    }
  }
  return "";
}

std::string SeenRequest::Path() const {
  const std::vector<std::string> words = absl::StrSplit(head, ' ');
  return words.size() > 1 ? words[1] : "";
}

std::string HttpAnswer(int status, absl::string_view body,
                       absl::string_view headers) {
  return absl::StrCat("HTTP/1.1 ", status,
                      " Status\r\nContent-Length: ", body.size(), "\r\n",
                      headers, "\r\n", body);
}

// A connection, with or without TLS.
class LoopbackServer::Stream {
 public:
  Stream(int socket, SSL_CTX* tls) : socket_(socket) {
    if (tls == nullptr) return;
    ssl_.reset(SSL_new(tls));
    SSL_set_fd(ssl_.get(), socket);
  }
  ~Stream() { close(socket_); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  bool Open() { return ssl_ == nullptr || SSL_accept(ssl_.get()) == 1; }

  // Whether there is something to read within a tick.
  bool Waits() const {
    if (ssl_ != nullptr && SSL_pending(ssl_.get()) > 0) return true;
    pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
    return poll(&waiting, 1, kTickMs) > 0;
  }

  ssize_t Read(char* to, size_t size) {
    if (ssl_ != nullptr) {
      return SSL_read(ssl_.get(), to, static_cast<int>(size));
    }
    return recv(socket_, to, size, 0);
  }

  bool Write(absl::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent =
          ssl_ != nullptr
              ? SSL_write(ssl_.get(), bytes.data(),
                          static_cast<int>(bytes.size()))
              : send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // The connection ends with RST.
  void Reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  }

 private:
  const int socket_;
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{nullptr, &SSL_free};
};

LoopbackServer::LoopbackServer(Handler handler) : handler_(std::move(handler)) {
  Listen();
}

LoopbackServer::LoopbackServer(Handler handler, const Certificate& certificate)
    : handler_(std::move(handler)), tls_(TlsFor(certificate)) {
  Listen();
}

void LoopbackServer::Listen() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 256) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("the server cannot listen");
  }
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { Accept(); });
}

LoopbackServer::~LoopbackServer() {
  stopping_ = true;
  accepting_.join();
  close(listener_);
  std::vector<std::thread> serving;
  {
    absl::MutexLock lock(&mu_);
    serving.swap(serving_);
  }
  for (std::thread& thread : serving) thread.join();
}

std::string LoopbackServer::Url(absl::string_view path) const {
  return absl::StrCat(tls_ == nullptr ? "http" : "https",
                      "://127.0.0.1:", port_, path);
}

std::vector<SeenRequest> LoopbackServer::requests() const {
  absl::MutexLock lock(&mu_);
  return requests_;
}

void LoopbackServer::Accept() {
  while (!stopping_) {
    pollfd waiting{.fd = listener_, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, kTickMs) <= 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    const int connection = ++connections_;
    absl::MutexLock lock(&mu_);
    serving_.emplace_back([=, this] { Serve(client, connection); });
  }
}

void LoopbackServer::Serve(int client, int connection) {
  // OpenSSL writes to what the client has closed.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  Stream stream(client, tls_.get());
  // A peer that speaks no TLS must not hold this thread for ever.
  const timeval patience{.tv_sec = 5, .tv_usec = 0};
  setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  if (!stream.Open()) return;
  std::string bytes;
  SeenRequest request{.connection = connection};
  while (ReadRequest(stream, bytes, request)) {
    {
      absl::MutexLock lock(&mu_);
      requests_.push_back(request);
    }
    const ServerReply reply = handler_(request);
    if (!stream.Write(reply.bytes)) return;
    if (reply.then == ServerReply::Then::kReset) stream.Reset();
    if (reply.then == ServerReply::Then::kWait) {
      while (Read(stream, bytes)) continue;
    }
    if (reply.then != ServerReply::Then::kKeep) return;
  }
}

// False at the end of the connection.
bool LoopbackServer::Read(Stream& stream, std::string& bytes) {
  char buffer[16384];
  while (!stopping_) {
    if (deaf_) {
      poll(nullptr, 0, kTickMs);
      continue;
    }
    if (!stream.Waits()) continue;
    const ssize_t got = stream.Read(buffer, sizeof(buffer));
    if (got <= 0) return false;
    bytes.append(buffer, static_cast<size_t>(got));
    return true;
  }
  return false;
}

bool LoopbackServer::ReadRequest(Stream& stream, std::string& bytes,
                                 SeenRequest& request) {
  size_t end = 0;
  while ((end = bytes.find("\r\n\r\n")) == bytes.npos) {
    if (!Read(stream, bytes)) return false;
  }
  request.head = bytes.substr(0, end + 4);
  bytes.erase(0, end + 4);
  request.body.clear();
  size_t size = 0;
  if (ignore_bodies_ ||
      !absl::SimpleAtoi(request.Header("content-length"), &size)) {
    return true;
  }
  while (bytes.size() < size) {
    if (!Read(stream, bytes)) return false;
  }
  request.body = bytes.substr(0, size);
  bytes.erase(0, size);
  return true;
}

}  // namespace broadcast::test
