// Pauses and resumes the schedule of all entries, for all replicas and over
// restarts. Triggers go on. The transaction's thread.
#ifndef BROADCASTD_SCHEDULE_CONTROL_SCHEDULER_H_
#define BROADCASTD_SCHEDULE_CONTROL_SCHEDULER_H_

#include <string>

#include "absl/status/statusor.h"
#include "storage/request_ids.h"
#include "storage/schedule.h"
#include "storage/transaction.h"

namespace broadcast::schedule {

struct ControlledScheduler {
  storage::SchedulerState state;  // now, in a replay too
  bool replayed = false;
};

// Pausing what is paused changes the reason and keeps the time. What fell due
// meanwhile fires once after ResumeScheduler. Both return what Once returns.
absl::StatusOr<ControlledScheduler> PauseScheduler(
    storage::Transaction& transaction, const storage::RequestKey& request,
    const std::string& reason);
absl::StatusOr<ControlledScheduler> ResumeScheduler(
    storage::Transaction& transaction, const storage::RequestKey& request);

}  // namespace broadcast::schedule

#endif  // BROADCASTD_SCHEDULE_CONTROL_SCHEDULER_H_
