// Stands between a client of PostgreSQL and its server on 127.0.0.1, reads
// along, and cuts a connection exactly at its COMMIT. The test owns it; any
// thread.
#ifndef BROADCASTD_SUPPORT_TCP_PROXY_H_
#define BROADCASTD_SUPPORT_TCP_PROXY_H_

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace broadcast::test {

class TcpProxy {
 public:
  enum class Cut {
    kNever,
    kBeforeCommit,  // the server never sees the COMMIT
    kAfterCommit,   // the server has answered it, the client never hears so
  };

  // Forwards to `target`, a port of 127.0.0.1.
  explicit TcpProxy(int target);
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  int port() const { return port_; }

  // Cuts the next connection that commits, once.
  void CutNext(Cut cut) { cut_ = cut; }
  // How many connections have been cut so.
  int cuts() const { return cuts_; }

  // While refusing, new connections are closed at once.
  void Refuse(bool refuse) { refuse_ = refuse; }

 private:
  void Accept();
  void Serve(int client);

  // Constant after construction.
  const int target_;
  int listener_ = -1;
  int port_ = 0;

  std::atomic<Cut> cut_ = Cut::kNever;
  std::atomic<int> cuts_ = 0;
  std::atomic<bool> refuse_ = false;
  std::atomic<bool> stopping_ = false;
  std::thread accepting_;

  absl::Mutex mu_;
  std::vector<std::thread> serving_ ABSL_GUARDED_BY(mu_);
};

}  // namespace broadcast::test

#endif  // BROADCASTD_SUPPORT_TCP_PROXY_H_
