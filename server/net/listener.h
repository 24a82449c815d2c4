// Listens on an address and hands each connection over, so many at once at
// most. gRPC 1.51 has no such limit, and its own listener ends for good when
// the process once has no descriptor left (CVE-2023-4785); this one waits for
// one. Owned by the gRPC server; one thread binds, starts and destroys it, and
// one of its own accepts.
#ifndef BROADCASTD_NET_LISTENER_H_
#define BROADCASTD_NET_LISTENER_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "net/listen_address.h"
#include "net/open_sockets.h"

namespace broadcast::net {

// A descriptor that is closed with it.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  ~File();
  File(File&& other) noexcept : descriptor_(other.descriptor_) {
    other.descriptor_ = -1;
  }
  File& operator=(File&&) = delete;

  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

class Listener {
 public:
  // Takes a connection, which does not block and is its to close. Called on the
  // listener's thread, one after another.
  using HandOver = std::function<void(int socket)>;

  // Takes the address (of a name, all it leads to); connections wait until
  // Start. What the pointers point to outlives it. A socket file that nobody
  // listens on any more is replaced.
  // Returns UNAVAILABLE, with the system's reason, if it cannot be taken.
  static absl::StatusOr<std::unique_ptr<Listener>> Bind(
      const ListenAddress& address, int max_connections, const Clock* clock,
      Log* log, const ConnectionMetrics* metrics);
  ~Listener();

  void Start(HandOver hand_over);

  // Accepts no more. Connections that were handed over stay.
  void Stop();

  int port() const { return port_; }  // 0 for a socket file

 private:
  Listener(int max_connections, const Clock* clock, Log* log,
           const ConnectionMetrics* metrics);
  int BindTcp(const ListenAddress& address);  // 0, or the error's number
  int BindFile(const std::string& path);      // likewise
  void Run();
  bool Accept(int listener);
  bool Full();
  void Complain(absl::string_view event);

  const int max_connections_;
  const Clock* const clock_;
  Log* const log_;
  const ConnectionMetrics* const metrics_;

  int port_ = 0;
  std::string path_;  // of the socket file
  std::vector<File> listeners_;
  File stop_;  // readable once it shall stop

  // Of the thread alone once it runs.
  HandOver hand_over_;
  OpenSockets open_;
  SteadyTime next_sweep_;
  SteadyTime next_complaint_;

  std::thread thread_;
};

// How many connections the limit of open files leaves room for, `wanted` at
// most: the database, the log and what else is open needs some, too.
int ConnectionsThatFit(int wanted);

}  // namespace broadcast::net

#endif  // BROADCASTD_NET_LISTENER_H_
