// Records refused mutations in the audit trail once their callers have their
// answer: up to limits::kChunkRows in one write, behind all requests, so that
// who is refused again and again costs the others little. What does not find
// room, or a database that takes it, is dropped and counted. Calls own it
// together with the writes under way, which may end after them; any thread.
#ifndef BROADCASTD_RPC_REFUSALS_H_
#define BROADCASTD_RPC_REFUSALS_H_

#include <deque>
#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "auth/rate_limiter.h"
#include "base/clock.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "storage/database.h"
#include "storage/records.h"

namespace broadcast::rpc {

class Refusals : public std::enable_shared_from_this<Refusals> {
 public:
  // All outlive this.
  Refusals(storage::Database* database, const Clock* clock,
           prometheus::Registry* registry)
      : database_(database),
        clock_(clock),
        metrics_(*registry),
        pace_(limits::kRefusalsPerSecond) {}

  // Never waits.
  void Record(storage::AuditEvent refusal);

 private:
  // Writes what waits, step by step, until nothing does.
  void Write();

  // Constant after construction.
  storage::Database* const database_;
  const Clock* const clock_;
  AuditMetrics metrics_;
  // Who is refused on purpose must not fill the database.
  auth::RateLimiter pace_;

  absl::Mutex mu_;
  std::deque<storage::AuditEvent> waiting_ ABSL_GUARDED_BY(mu_);
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_REFUSALS_H_
