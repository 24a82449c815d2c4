// Counts the sockets that are open among those it was told of, although others
// close them without telling: the kernel gives each socket a number (a cookie)
// that it never gives again, so a descriptor that has another one now is of
// another socket. Not synchronised.
#ifndef BROADCASTD_NET_OPEN_SOCKETS_H_
#define BROADCASTD_NET_OPEN_SOCKETS_H_

#include <cstddef>
#include <cstdint>

#include "absl/container/flat_hash_map.h"

namespace broadcast::net {

class OpenSockets {
 public:
  void Add(int socket);

  // Forgets those that were closed: a system call for each one known.
  void Sweep();

  // Those open, and those closed since the last sweep whose descriptor no
  // later one has.
  size_t count() const { return cookies_.size(); }

 private:
  absl::flat_hash_map<int, uint64_t> cookies_;  // by descriptor
};

}  // namespace broadcast::net

#endif  // BROADCASTD_NET_OPEN_SOCKETS_H_
