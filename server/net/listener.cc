#include "net/listener.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"

namespace broadcast::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kOtherFiles = 128;
constexpr int kTurns = 64;  // until the end is listened for again

// A sweep asks the kernel of every connection, so a flood must not cause one
// for each of its own.
constexpr milliseconds kBetweenSweeps{100};
// How old the number of connections in the metrics may be.
constexpr int kIdleMillis = 5000;
// Until a descriptor may have become free.
constexpr int kNoFilesMillis = 100;
constexpr seconds kBetweenComplaints{10};

sockaddr_un FileAddress(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

bool IsSocketFile(const std::string& path) {
  struct stat found;
  return lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode);
}

// Whether somebody listens on the socket file.
bool IsInUse(const sockaddr_un& address) {
  const File probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return connect(probe.get(), reinterpret_cast<const sockaddr*>(&address),
                 sizeof(address)) == 0;
}

// 0 with the socket among `listeners`, or the error's number.
int ListenOn(const sockaddr* address, socklen_t size,
             std::vector<File>& listeners) {
  const int family = address->sa_family;
  File listener(socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (listener.get() < 0) return errno;
  const int on = 1;
  if (family != AF_UNIX && setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR,
                                      &on, sizeof(on)) != 0) {
    return errno;
  }
  if (bind(listener.get(), address, size) != 0) return errno;
  if (listen(listener.get(), SOMAXCONN) != 0) return errno;
  listeners.push_back(std::move(listener));
  return 0;
}

void SetPort(sockaddr* address, int port) {
  if (address->sa_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address)->sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in*>(address)->sin_port = htons(port);
  }
}

int PortOf(int listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                   : reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

// Whether accept failed for a connection that is gone already. All else, the
// want of descriptors above all, lasts.
bool IsOfOneConnection(int error) {
  return error == EINTR || error == ECONNABORTED || error == EPROTO ||
         error == ENETDOWN || error == ENOPROTOOPT || error == EHOSTDOWN ||
         error == ENONET || error == EHOSTUNREACH || error == EOPNOTSUPP ||
         error == ENETUNREACH;
}

}  // namespace

File::~File() {
  if (descriptor_ >= 0) close(descriptor_);
}

int ConnectionsThatFit(int wanted) {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0 ||
      files.rlim_cur == RLIM_INFINITY) {
    return wanted;
  }
  const auto limit = static_cast<int64_t>(files.rlim_cur);
  return static_cast<int>(std::clamp<int64_t>(
      limit - std::min<int64_t>(kOtherFiles, limit / 2), 1, wanted));
}

Listener::Listener(int max_connections, const Clock* clock, Log* log,
                   const ConnectionMetrics* metrics)
    : max_connections_(max_connections),
      clock_(clock),
      log_(log),
      metrics_(metrics),
      stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

absl::StatusOr<std::unique_ptr<Listener>> Listener::Bind(
    const ListenAddress& address, int max_connections, const Clock* clock,
    Log* log, const ConnectionMetrics* metrics) {
  std::unique_ptr<Listener> listener(
      new Listener(max_connections, clock, log, metrics));
  const int error = address.path.empty() ? listener->BindTcp(address)
                                         : listener->BindFile(address.path);
  if (error != 0) {
    return absl::UnavailableError(std::generic_category().message(error));
  }
  return listener;
}

int Listener::BindTcp(const ListenAddress& address) {
  addrinfo hints{};
  hints.ai_flags = AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(address.host.c_str(), "0", &hints, &found) != 0) {
    return EADDRNOTAVAIL;
  }
  const absl::Cleanup release = [found] { freeaddrinfo(found); };
  port_ = address.port;
  int error = EADDRNOTAVAIL;
  for (addrinfo* each = found; each != nullptr; each = each->ai_next) {
    SetPort(each->ai_addr, port_);
    error = ListenOn(each->ai_addr, each->ai_addrlen, listeners_);
    // A name may lead to addresses that this machine has not got.
    if (error == EADDRNOTAVAIL || error == EAFNOSUPPORT) continue;
    if (error != 0) return error;
    // All that a name leads to get the port that the first was given.
    port_ = PortOf(listeners_.back().get());
  }
  return listeners_.empty() ? error : 0;
}

int Listener::BindFile(const std::string& path) {
  const sockaddr_un address = FileAddress(path);
  if (IsSocketFile(path)) {
    if (IsInUse(address)) return EADDRINUSE;
    unlink(path.c_str());
  }
  const int error = ListenOn(reinterpret_cast<const sockaddr*>(&address),
                             sizeof(address), listeners_);
  if (error == 0) path_ = path;
  return error;
}

Listener::~Listener() { Stop(); }

void Listener::Start(HandOver hand_over) {
  hand_over_ = std::move(hand_over);
  thread_ = std::thread([this] { Run(); });
}

void Listener::Stop() {
  if (thread_.joinable()) {
    eventfd_write(stop_.get(), 1);
    thread_.join();
  }
  if (!listeners_.empty() && !path_.empty()) unlink(path_.c_str());
  listeners_.clear();
}

void Listener::Run() {
  std::vector<pollfd> waiting{{.fd = stop_.get(), .events = POLLIN}};
  for (const File& listener : listeners_) {
    waiting.push_back({.fd = listener.get(), .events = POLLIN});
  }
  // While no descriptor is free, connections wait and only the end is heard.
  bool files = true;
  for (;;) {
    const int ready = poll(waiting.data(), files ? waiting.size() : 1,
                           files ? kIdleMillis : kNoFilesMillis);
    if (waiting[0].revents != 0) return;
    if (ready <= 0) {
      open_.Sweep();
      metrics_->open.Set(static_cast<double>(open_.count()));
      files = true;
      continue;
    }
    for (size_t i = 1; i < waiting.size(); ++i) {
      if (waiting[i].revents != 0) files = Accept(waiting[i].fd) && files;
    }
  }
}

// Takes those that wait, so many at a time. False if there was no descriptor
// for the next one.
bool Listener::Accept(int listener) {
  for (int turn = 0; turn < kTurns; ++turn) {
    const int socket =
        accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
      if (errno == EAGAIN || errno == EWOULDBLOCK) return true;
      if (IsOfOneConnection(errno)) continue;
      Complain("server.cannot_accept");
      return false;
    }
    if (Full()) {
      close(socket);
      metrics_->refused.Increment();
      Complain("server.connections_refused");
      continue;
    }
    const int on = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    open_.Add(socket);
    metrics_->open.Set(static_cast<double>(open_.count()));
    hand_over_(socket);
  }
  return true;
}

bool Listener::Full() {
  if (open_.count() < static_cast<size_t>(max_connections_)) return false;
  if (const SteadyTime now = clock_->Steady(); now >= next_sweep_) {
    next_sweep_ = now + kBetweenSweeps;
    open_.Sweep();
  }
  return open_.count() >= static_cast<size_t>(max_connections_);
}

void Listener::Complain(absl::string_view event) {
  const SteadyTime now = clock_->Steady();
  if (now < next_complaint_) return;
  next_complaint_ = now + kBetweenComplaints;
  log_->Write(Severity::kWarning, event,
              {{"connections", static_cast<int64_t>(open_.count())},
               {"max_connections", max_connections_}});
}

}  // namespace broadcast::net
