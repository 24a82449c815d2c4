// One bounded step of a plan that waits: reads on behind its cursor, decides,
// writes what carries that out, and moves the cursor, in one transaction. So a
// plan goes on where it was after a crash, and any replica may do any step. The
// transaction's thread.
#ifndef BROADCASTD_SYNC_PLAN_STEP_H_
#define BROADCASTD_SYNC_PLAN_STEP_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "feeds/feed_policy.h"
#include "storage/feed_records.h"
#include "storage/transaction.h"

namespace broadcast::sync {

// See Plan::phase, which is empty unless one of these is said.
// What a sync with verification does before anything else.
inline constexpr char kProbing[] = "probing";  // asks what is still there
// What a migration does before it takes anything back.
inline constexpr char kCopying[] = "copying";        // by copies, where it can
inline constexpr char kResending[] = "resending";    // all are sent anew
inline constexpr char kRepointing[] = "repointing";  // feeds, pairs, entries
inline constexpr char kConfirming[] = "confirming";  // until all have ended
inline constexpr char kRetracting[] = "retracting";  // what has been taken over

// Which plan a step was of.
struct PlanKey {
  std::string operation_id;  // empty: none was due
  std::string channel_id;

  bool operator==(const PlanKey&) const = default;
};

struct PlanStep {
  PlanKey key;
  int64_t deliveries = 0;
};

// Does a step of the plan that is due the longest. `key` is set even if that
// fails.
absl::StatusOr<PlanStep> StepPlan(storage::Transaction& transaction,
                                  const feeds::FeedPolicy& policy,
                                  PlanKey& key);

// Leaves the plan that is due the longest alone until `until`, if it is `key`,
// so that one which fails keeps no other from its turn.
absl::Status PostponePlan(storage::Transaction& transaction, const PlanKey& key,
                          absl::Time until);

}  // namespace broadcast::sync

#endif  // BROADCASTD_SYNC_PLAN_STEP_H_
