// Closes posts when they expire. One thread sleeps until the earliest of their
// times, then expires what is due in bounded transactions behind the requests
// of callers. Idle, it costs the same however many posts there are. Several
// replicas may each have one: whoever comes first expires.
//
// The environment owns it, starts it after the database and stops it before.
// Wake and Stop may be called by any thread.
#ifndef BROADCASTD_FEEDS_EXPIRER_H_
#define BROADCASTD_FEEDS_EXPIRER_H_

#include <functional>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "base/due_thread.h"
#include "base/log.h"
#include "feeds/feed_policy.h"
#include "storage/database.h"

namespace broadcast::feeds {

class Expirer {
 public:
  struct Options {
    // All pointers outlive the expirer.
    storage::Database* database = nullptr;
    const Clock* clock = nullptr;
    Log* log = nullptr;
    FeedPolicy policy;
    // Called after each transaction that has made deliveries. Must not block.
    std::function<void()> on_expired = [] {};
  };

  explicit Expirer(Options options);

  void Start() { thread_.Start(); }

  // Looks at once: a post may expire earlier than any before. Never waits.
  void Wake() { thread_.Wake(); }

  // Ends after the transaction that runs.
  void Stop() { thread_.Stop(); }

 private:
  // One look and, if something is due, one transaction. Answers how long to
  // sleep.
  absl::StatusOr<absl::Duration> Round();
  // How long until the next expiry, at most the longest sleep.
  absl::StatusOr<absl::Duration> Look();

  const Options options_;
  DueThread thread_;  // the last to come, so the first to go
};

}  // namespace broadcast::feeds

#endif  // BROADCASTD_FEEDS_EXPIRER_H_
