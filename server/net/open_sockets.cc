#include "net/open_sockets.h"

#include <sys/socket.h>

#include "absl/container/flat_hash_map.h"

namespace broadcast::net {
namespace {

// 0, which no socket has, if the descriptor is none's.
uint64_t CookieOf(int socket) {
  uint64_t cookie = 0;
  socklen_t size = sizeof(cookie);
  return getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &size) == 0 ? cookie
                                                                        : 0;
}

}  // namespace

void OpenSockets::Add(int socket) { cookies_[socket] = CookieOf(socket); }

void OpenSockets::Sweep() {
  absl::erase_if(cookies_, [](const auto& known) {
    return CookieOf(known.first) != known.second;
  });
}

}  // namespace broadcast::net
