// The background work that keeps the database small: purges clients and feeds
// that were deleted, forgets expired request ids, collects contents that
// nothing refers to, lets go of old audit events, results, operations and
// events. It also ends what waits of operations that were cancelled, or in a
// lane that nobody sends for, once it is past its deadline, and counts the
// channel pairs without an entry. One thread takes one bounded step after the
// other, behind the requests of callers; with nothing to do it wakes every 10 s
// for nine short writes. Several replicas may each have one: they share the
// work or find it done.
//
// The environment owns it, starts it after the database and stops it before.
// Wake and Stop may be called by any thread.
#ifndef BROADCASTD_UPKEEP_UPKEEP_H_
#define BROADCASTD_UPKEEP_UPKEEP_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/metrics.h"
#include "storage/database.h"
#include "storage/operations.h"

namespace broadcast::upkeep {

struct Options {
  // How long what came of deliveries is kept. Results of finished operations go
  // before the operations, which keep the counts.
  absl::Duration results = limits::kResultsRetention;
  absl::Duration operations = limits::kOperationsRetention;
  absl::Duration events = limits::kEventsRetention;
  // As in storage::OutcomePolicy: to expire may be a failure.
  int64_t disable_threshold = limits::kDisableThreshold;
  prometheus::Gauge* pairs_without_entry = nullptr;  // outlives the upkeep
};

class Upkeep {
 public:
  static constexpr std::chrono::seconds kPeriod{10};

  // Pointers outlive this. Audit events are kept for `audit_retention`, at
  // least limits::kMinAuditRetention.
  Upkeep(storage::Database* database, Log* log,
         std::chrono::nanoseconds period = kPeriod,
         absl::Duration audit_retention = limits::kAuditRetention,
         Options options = {});
  ~Upkeep();

  void Start();

  // Looks for work at once: a client or a feed was hidden. Never waits.
  void Wake();

  // Ends after the step that runs.
  void Stop();

 private:
  struct Done {
    int64_t request_ids = 0;
    int64_t contents = 0;
    int64_t feeds = 0;  // with their posts
    int64_t audit_events = 0;
    int64_t overdue = 0;
    int64_t deliveries = 0;
    int64_t operations = 0;
    int64_t events = 0;
  };

  // Deletes up to so many rows from before a time; answers how many went.
  using Expire = absl::StatusOr<int64_t> (*)(storage::Transaction& transaction,
                                             absl::Time before, int64_t most);

  void Loop();
  // One step of each kind. True if there is more to do at once.
  absl::StatusOr<bool> Round();
  // One step of each kind that goes by its age. True if there is more to do.
  absl::StatusOr<bool> ExpireOld();
  // One step of what nobody sends. True if there may be more.
  absl::StatusOr<bool> PurgeFeeds();
  absl::StatusOr<bool> EndWaiting();
  absl::StatusOr<bool> ExpireOlderThan(absl::Duration age, Expire expire,
                                       int64_t& done);
  absl::Status Step(storage::Body body);
  absl::Status CountPairs();
  void Report();
  // False when it is time to stop.
  bool Pause(bool more);

  // Constant after construction.
  storage::Database* const database_;
  Log* const log_;
  const std::chrono::nanoseconds period_;
  const absl::Duration audit_retention_;
  const Options options_;

  // The thread's own.
  Done done_;  // since the last report
  std::string content_cursor_;
  storage::OverduePlace overdue_place_;
  int quiet_rounds_ = 0;
  bool failing_ = false;

  // Standard ones: they alone can wait by the steady clock.
  std::mutex mu_;
  std::condition_variable changed_;
  bool woken_ = false;     // guarded by mu_
  bool stopping_ = false;  // guarded by mu_
  std::thread thread_;
};

}  // namespace broadcast::upkeep

#endif  // BROADCASTD_UPKEEP_UPKEEP_H_
