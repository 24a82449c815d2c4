// Sends POSTs over kept connections, many at once on one thread of its own,
// and never sends one twice. HTTP/1.1; no redirect, no proxy, no stored
// credentials. It begins at once what it is given, so that how many are under
// way is up to its callers. The environment owns it, and it outlives the
// senders that use it; any thread may call it.
#ifndef BROADCASTD_HTTP_TRANSPORT_H_
#define BROADCASTD_HTTP_TRANSPORT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "http/exchange.h"

namespace broadcast::http {

class Transfer;
struct TransferOptions;

class Transport {
 public:
  struct Options {
    std::string ca_file;  // the only authorities; empty: the system's
    int max_idle_connections = 256;
    absl::Duration connect_timeout = absl::Seconds(10);
    // An idle connection is used again for so long. Shorter than servers keep
    // them: what meets a server that is closing may have been read or not.
    absl::Duration idle = absl::Seconds(20);
    // Of the headers, and of the body, of an answer.
    size_t most_response_bytes = 64 << 10;
  };
  using Id = int64_t;

  // `clock` outlives the transport. Returns UNAVAILABLE if libcurl does not
  // start.
  static absl::StatusOr<std::unique_ptr<Transport>> Create(
      const Options& options, const Clock* clock);
  // Stop() without a grace.
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // Calls `done` once: on the transport's thread, or before it returns if the
  // transport has been stopped. `done` must not block, and may call Start and
  // Cancel.
  Id Start(Post post, std::function<void(Response)> done);

  // Ends a POST of which no byte has been sent, as kCancelled; it is not known
  // to the caller whether it came in time. Any other runs on to its answer or
  // its timeout.
  void Cancel(Id id);

  // Begins nothing more, cancels what has not begun, and waits for the others.
  // What is not answered after `grace` ends as kCancelled, in the phase that
  // it had come to. Returns when every `done` has returned; called again, it
  // can only make the grace shorter. Not to be called from `done`.
  void Stop(absl::Duration grace);

 private:
  struct Library;  // what only the thread touches
  struct Started {
    Id id;
    std::unique_ptr<Transfer> transfer;
  };

  Transport(const Options& options, const Clock* clock);

  void Wake();
  void Run();
  void Begin(Started started);
  void CancelUnbegun(const std::vector<Id>* ids);  // null: all
  void AnswerFinished();
  void AbandonAll();
  // How long there is nothing to do but to listen.
  absl::Duration Patience(SteadyTime deadline, bool stopping) const;

  // Constant after construction.
  const Clock* const clock_;
  const std::unique_ptr<const TransferOptions> options_;
  const std::unique_ptr<Library> library_;

  absl::Mutex mu_;
  Id last_id_ ABSL_GUARDED_BY(mu_) = 0;
  std::vector<Started> started_ ABSL_GUARDED_BY(mu_);
  std::vector<Id> cancelled_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  SteadyTime deadline_ ABSL_GUARDED_BY(mu_) = SteadyTime::max();

  absl::Mutex join_mu_;
  std::thread thread_ ABSL_GUARDED_BY(join_mu_);
};

}  // namespace broadcast::http

#endif  // BROADCASTD_HTTP_TRANSPORT_H_
