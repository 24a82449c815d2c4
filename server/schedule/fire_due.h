// Fires the entries that are due: one bounded transaction, which the scheduler
// repeats and ExecuteDue calls once. However many do so at once, each
// occurrence fires once. The transaction's thread.
#ifndef BROADCASTD_SCHEDULE_FIRE_DUE_H_
#define BROADCASTD_SCHEDULE_FIRE_DUE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "entries/firing.h"
#include "storage/transaction.h"

namespace broadcast::schedule {

// Why an entry was skipped, besides the problems of entries/firing.h.
inline constexpr absl::string_view kStillRunning = "still_running";

struct FiredDue {
  int64_t fired = 0;
  std::map<std::string, int64_t> skipped;  // by reason
  // Of each that fired, how long after its time; and how many more of its
  // times had passed since, which are not made up for.
  std::vector<absl::Duration> lateness;
  int64_t missed = 0;

  bool paused = false;    // nothing was looked at
  bool more_due = false;  // at the end, by the same time
  std::optional<absl::Time> next_due;
  absl::Time now;

  int64_t skipped_count() const;
};

// Fires or skips the entries that are due the longest, at most one for each of
// `ids`. What fires gets an operation with a delivery for each side that can be
// sent to, and is due again at the next of its times that is in the future,
// which keeps its phase. An entry with nothing to send, or whose broadcast
// before still runs, is skipped: it says why, counts no failure, and is due
// again likewise.
absl::StatusOr<FiredDue> FireDue(storage::Transaction& transaction,
                                 const entries::FiringPolicy& policy,
                                 absl::Span<const entries::FiringIds> ids);

// Ids for at most `most` firings.
std::vector<entries::FiringIds> NewFiringIds(IdSource& ids, int64_t most);

// How long after its time the deliveries of an entry may begin, so that a
// thousand entries of the same hour do not: the same at each occurrence, in
// [0, min(interval / 100, limits::kMaxJitter)).
absl::Duration JitterOf(absl::string_view entry_id, absl::Duration interval);

}  // namespace broadcast::schedule

#endif  // BROADCASTD_SCHEDULE_FIRE_DUE_H_
