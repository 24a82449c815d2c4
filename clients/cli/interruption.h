// SIGINT and SIGTERM. One object for the process, made before any thread is
// started and never destroyed; its thread waits for the signals. The members
// may be called by any thread.
#ifndef BROADCASTD_CLI_INTERRUPTION_H_
#define BROADCASTD_CLI_INTERRUPTION_H_

#include <grpcpp/client_context.h>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace broadcast::cli {

class Interruption {
 public:
  Interruption();
  Interruption(const Interruption&) = delete;

  // A signal was caught.
  bool caught() const ABSL_LOCKS_EXCLUDED(mutex_);

  // While one lives, a signal is caught, and breaks the call off that is under
  // way. Otherwise, and the second time, it ends the process at once.
  class Catcher {
   public:
    explicit Catcher(Interruption& interruption);
    ~Catcher();
    Catcher(const Catcher&) = delete;

   private:
    Interruption& interruption_;
  };

  // Says which call is under way.
  class Call {
   public:
    Call(Interruption& interruption, grpc::ClientContext* context);
    ~Call();
    Call(const Call&) = delete;

   private:
    Interruption& interruption_;
  };

 private:
  [[noreturn]] void WaitForSignals();
  void Catch() ABSL_LOCKS_EXCLUDED(mutex_);

  mutable absl::Mutex mutex_;
  bool caught_ ABSL_GUARDED_BY(mutex_) = false;
  int catchers_ ABSL_GUARDED_BY(mutex_) = 0;
  grpc::ClientContext* call_ ABSL_GUARDED_BY(mutex_) = nullptr;
};

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_INTERRUPTION_H_
