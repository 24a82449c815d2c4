// Sets a sync in motion: its operation, in state planning, and what is to be
// planned in which channels. The planner does the rest. The transaction's
// thread.
#ifndef BROADCASTD_SYNC_START_SYNC_H_
#define BROADCASTD_SYNC_START_SYNC_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/delivery_records.h"
#include "storage/feed_records.h"
#include "storage/request_ids.h"
#include "storage/scope.h"
#include "storage/transaction.h"
#include "sync/read_plan.h"

namespace broadcast::sync {

struct StartSyncCommand {
  std::string operation_id;
  std::optional<std::string> feed_id;  // only this feed
  storage::PlanMode mode = storage::PlanMode::kFull;
  bool verify = false;  // ask which messages are still there, before all else
};

struct StartedSync {
  // Unset if there was nothing to do, or in a replay if it was deleted since.
  std::optional<storage::Operation> operation;
  WholePlan plan;  // in a replay counts and fingerprint
  bool replayed = false;
};

// Does `plan`, which was read before, in the channels where it does something.
// Returns ABORTED SYNC_RUNNING, and what Once returns.
absl::StatusOr<StartedSync> StartSync(storage::Transaction& transaction,
                                      const storage::Scope& scope,
                                      const storage::RequestKey& request,
                                      const StartSyncCommand& command,
                                      const WholePlan& plan);

// The answer of a call that was made before; nothing if there was none. A read.
absl::StatusOr<std::optional<StartedSync>> FindStartedSync(
    storage::Transaction& transaction, const storage::Scope& scope,
    const storage::RequestKey& request);

// What starting a migration shares with it.

// Lets no other plan begin in these channels, or answers SYNC_RUNNING.
absl::Status ReserveChannels(storage::Transaction& transaction,
                             const std::vector<std::string>& channel_ids);

// Inserts an operation in state planning with its plans.
absl::Status InsertPlanning(storage::Transaction& transaction,
                            const storage::Scope& scope,
                            const storage::Operation& operation,
                            const std::vector<storage::Plan>& plans);

// What a replay tells again of a plan, and of what `id` names.
std::string RecordOf(const WholePlan& plan, const std::string& id);
struct Recorded {
  WholePlan plan;
  std::string id;
};
absl::StatusOr<Recorded> RecordedFrom(const std::string& record);

}  // namespace broadcast::sync

#endif  // BROADCASTD_SYNC_START_SYNC_H_
