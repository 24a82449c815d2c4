#include "support/tcp_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <set>
#include <stdexcept>
#include <string>

#include "absl/strings/string_view.h"

namespace broadcast::test {
namespace {

constexpr int kTickMs = 20;

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

uint32_t BigEndian(absl::string_view bytes) {
  uint32_t number = 0;
  for (int i = 0; i < 4; ++i) {
    number = number << 8 | static_cast<uint8_t>(bytes[i]);
  }
  return number;
}

bool SendAll(int socket, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

// Finds out whether what a client sends commits, from PostgreSQL's messages.
class CommitFinder {
 public:
  // True once `bytes` complete a message that runs COMMIT.
  bool Feed(absl::string_view bytes) {
    pending_.append(bytes.data(), bytes.size());
    bool commits = false;
    while (true) {
      const size_t head = started_ ? 1 : 0;
      if (pending_.size() < head + 4) return commits;
      const size_t size =
          head + BigEndian(absl::string_view(pending_).substr(head));
      if (pending_.size() < size) return commits;
      const absl::string_view body =
          absl::string_view(pending_).substr(head + 4, size - head - 4);
      if (started_) {
        commits |= Commits(pending_[0], body);
      } else {
        // Requests for encryption have 8 bytes and are refused.
        started_ = size > 8;
      }
      pending_.erase(0, size);
    }
  }

 private:
  bool Commits(char type, absl::string_view body) {
    const auto text = [&body] {
      const size_t end = body.find('\0');
      std::string taken(body.substr(0, end));
      body.remove_prefix(end == body.npos ? body.size() : end + 1);
      return taken;
    };
    switch (type) {
      case 'Q':
        return text() == "COMMIT";
      case 'P': {  // prepare: name, text
        const std::string name = text();
        if (text() == "COMMIT") {
          commits_.insert(name);
        } else {
          commits_.erase(name);
        }
        return false;
      }
      case 'B':  // bind: portal, name
        text();
        return commits_.contains(text());
      default:
        return false;
    }
  }

  bool started_ = false;
  std::string pending_;
  std::set<std::string> commits_;
};

}  // namespace

TcpProxy::TcpProxy(int target) : target_(target) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 64) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("the proxy cannot listen");
  }
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { Accept(); });
}

TcpProxy::~TcpProxy() {
  stopping_ = true;
  accepting_.join();
  close(listener_);
  absl::MutexLock lock(&mu_);
  for (std::thread& thread : serving_) thread.join();
}

void TcpProxy::Accept() {
  while (!stopping_) {
    pollfd waiting{.fd = listener_, .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, kTickMs) <= 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    if (refuse_) {
      close(client);
      continue;
    }
    absl::MutexLock lock(&mu_);
    serving_.emplace_back([this, client] { Serve(client); });
  }
}

void TcpProxy::Serve(int client) {
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(target_);
  const int on = 1;
  setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  bool open = connect(server, reinterpret_cast<const sockaddr*>(&address),
                      sizeof(address)) == 0;
  CommitFinder finder;
  bool cut_at_answer = false;
  char buffer[16384];
  while (open && !stopping_) {
    pollfd both[] = {{.fd = client, .events = POLLIN, .revents = 0},
                     {.fd = server, .events = POLLIN, .revents = 0}};
    if (poll(both, 2, kTickMs) <= 0) continue;
    if (both[0].revents != 0) {
      const ssize_t got = recv(client, buffer, sizeof(buffer), 0);
      if (got <= 0) break;
      const absl::string_view bytes(buffer, static_cast<size_t>(got));
      if (finder.Feed(bytes) && cut_ != Cut::kNever) {
        if (cut_.exchange(Cut::kNever) == Cut::kBeforeCommit) {
          ++cuts_;
          break;
        }
        cut_at_answer = true;
      }
      open = SendAll(server, bytes);
    }
    if (both[1].revents != 0) {
      const ssize_t got = recv(server, buffer, sizeof(buffer), 0);
      if (got <= 0) break;
      if (cut_at_answer) {
        ++cuts_;
        break;
      }
      open = SendAll(client, {buffer, static_cast<size_t>(got)});
    }
  }
  close(client);
  close(server);
}

}  // namespace broadcast::test
