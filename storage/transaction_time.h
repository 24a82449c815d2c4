// The time that transactions decide by: the database's own on PostgreSQL, so
// that a replica with a wrong clock fires nothing early; the injected clock on
// SQLite. It never goes backwards, and never stands still: after the clock was
// set back it goes on from where it was, by nine tenths of the steady time,
// until the clock has caught up. Else a retry in a second would wait for an
// hour. Database owns it; any thread.
#ifndef BROADCASTD_STORAGE_TRANSACTION_TIME_H_
#define BROADCASTD_STORAGE_TRANSACTION_TIME_H_

#include <atomic>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/clock.h"

namespace broadcast::storage {

class Session;

class TransactionTime {
 public:
  // `clock` outlives this. `postgres_offset` is added to PostgreSQL's clock;
  // tests move time with it.
  TransactionTime(const Clock* clock, absl::Duration postgres_offset);

  // Asks the clock that `session`'s backend decides by.
  // Returns the database's error if it does not answer.
  absl::StatusOr<absl::Time> Ask(Session& session);

  void SetPostgresOffset(absl::Duration offset);
  absl::Duration postgres_offset() const;

  // The latest time that was told.
  absl::Time latest() const;

  // `time`, or later if the latest that was told is later; told from now on.
  absl::Time NotBefore(absl::Time time);

 private:
  const Clock* const clock_;
  std::atomic<int64_t> postgres_offset_us_;

  mutable absl::Mutex mu_;
  int64_t latest_us_ ABSL_GUARDED_BY(mu_) = 0;
  SteadyTime told_ ABSL_GUARDED_BY(mu_);  // when that was
};

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_TRANSACTION_TIME_H_
