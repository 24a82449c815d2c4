// When entries and the Sync on a schedule are due, and the counters of firings.
// Errors of the database come as sql_error.h makes them. Used within one
// transaction, by its thread.
#ifndef BROADCASTD_STORAGE_SCHEDULE_H_
#define BROADCASTD_STORAGE_SCHEDULE_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

struct SchedulerState {
  std::optional<absl::Time> pause_time;  // set: paused, for all replicas
  std::string pause_reason;
};
absl::StatusOr<SchedulerState> FindSchedulerState(Transaction& transaction);
// Answers the state afterwards; pausing what is paused keeps its time.
absl::StatusOr<SchedulerState> PauseScheduler(Transaction& transaction,
                                              const std::string& reason);
absl::StatusOr<SchedulerState> ResumeScheduler(Transaction& transaction);

// When all channels are synced next, by whichever replica is there first;
// nothing before the first one has said so.
absl::StatusOr<std::optional<absl::Time>> FindNextSync(
    Transaction& transaction);
// Sets that time to `next` if it is still `seen`: of several who have seen the
// same, one. Answers whether it was.
absl::StatusOr<bool> MoveNextSync(Transaction& transaction,
                                  std::optional<absl::Time> seen,
                                  absl::Time next);

// next_send_time of the active entry that is due first; nothing if none is.
absl::StatusOr<std::optional<absl::Time>> FindNextDue(Transaction& transaction);

// What a firing needs of an entry. Contents are the ids of the first level that
// has one, of entry and client; unset: the server's default, if any.
struct DueEntry {
  std::string entry_id;
  std::string client_id;
  std::string open_channel_id;
  std::string open_account;
  Platform open_platform = Platform::kLog;
  std::string closed_channel_id;
  std::string closed_account;
  Platform closed_platform = Platform::kLog;
  ChannelState open_state = ChannelState::kActive;
  ChannelState closed_state = ChannelState::kActive;
  absl::Duration interval;
  absl::Time next_send_time;
  int64_t occurrence_count = 0;
  std::optional<std::string> open_content_id;
  std::optional<std::string> closed_content_id;
  std::optional<std::string> current_operation_id;  // still running
};

// Active entries that are due by the transaction's time, the longest due
// first, at most `most`. PostgreSQL: locked, without those that others have
// locked.
absl::StatusOr<std::vector<DueEntry>> FindDue(Transaction& transaction,
                                              int64_t most);

// A firing of the schedule: sets next_send_time, and with an operation
// occurrence_count, current_operation_id, last_send_time and last_outcome.
// Only where next_send_time is still `seen`; answers the entry ids that were.
struct Firing {
  std::string entry_id;
  absl::Time seen;
  absl::Time next;
  std::optional<std::string> operation_id;  // unset: skipped
  int64_t occurrence = 0;
  std::string skip_reason;  // told as last_error; counts no failure
};
absl::StatusOr<std::set<std::string>> AdvanceEntries(
    Transaction& transaction, absl::Span<const Firing> firings);

// A manual firing: one conditional UPDATE that decides the cool-down by the
// transaction's time: next_trigger_time is unset or not after it, and the entry
// is active and has no running operation. Sets the trigger times, counts it as
// a trigger and as an occurrence,
// and sets current_operation_id, last_send_time and last_outcome; the schedule
// stays. Answers next_trigger_time; nothing: refused.
absl::StatusOr<std::optional<absl::Time>> StartTrigger(
    Transaction& transaction, const Scope& scope, const std::string& entry_id,
    const std::string& operation_id, absl::Duration cooldown);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_SCHEDULE_H_
