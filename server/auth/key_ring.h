// The keys in force, kept up to date by a thread that asks their sources again.
// A source that fails keeps the keys it gave last; a key that a source no
// longer has stays for the overlap, so that who signs and who verifies need
// not change in the same moment. The environment owns the one KeyRing; keys()
// may be called by any thread.
#ifndef BROADCASTD_AUTH_KEY_RING_H_
#define BROADCASTD_AUTH_KEY_RING_H_

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "auth/key_set.h"
#include "auth/key_sources.h"
#include "base/clock.h"
#include "base/log.h"

namespace broadcast::auth {

class KeyRing {
 public:
  struct Options {
    absl::Duration reload_interval = absl::Seconds(10);
    absl::Duration overlap = absl::Minutes(5);
  };

  // Pointers outlive the ring. Loads every source once; one that the network
  // keeps away (UNAVAILABLE) may be without keys until later.
  // Returns INVALID_ARGUMENT, naming the option and the remedy, if a source is
  // wrong.
  static absl::StatusOr<std::unique_ptr<KeyRing>> Open(
      std::vector<std::unique_ptr<KeySource>> sources, const Options& options,
      const Clock* clock, Log* log);
  ~KeyRing() { Stop(); }

  struct Current {
    KeySetPointer keys;
    uint64_t generation;  // grows whenever the keys change
  };
  Current keys() const;

  // A token names a key that is not here: look at the sources soon, but not
  // more often than each second.
  void Wake();

  // Looks at the sources now. For the thread, and for tests without one.
  void Reload();

  void Start();
  void Stop();

 private:
  struct Source {
    std::unique_ptr<KeySource> from;
    std::vector<KeyPointer> last_good;
    SteadyTime next_question;
    bool failing = false;
  };

  KeyRing(std::vector<std::unique_ptr<KeySource>> sources,
          const Options& options, const Clock* clock, Log* log);

  void Loop();
  absl::Status Ask(Source& source);
  void Publish();
  bool ShouldLook() const ABSL_SHARED_LOCKS_REQUIRED(mu_);

  // Constant after construction.
  const Options options_;
  const Clock* const clock_;
  Log* const log_;

  std::vector<Source> sources_;  // the thread's

  mutable absl::Mutex mu_;
  KeySetPointer keys_ ABSL_GUARDED_BY(mu_);
  uint64_t generation_ ABSL_GUARDED_BY(mu_) = 1;
  bool woken_ ABSL_GUARDED_BY(mu_) = false;
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace broadcast::auth

#endif  // BROADCASTD_AUTH_KEY_RING_H_
