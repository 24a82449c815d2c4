// The table of plans: what operations in state planning still have to decide,
// a channel each. Any replica may do any step of any plan, one at a time.
// Errors of the database come as sql_error.h makes them. Used within one
// transaction, by its thread.
//
// Rows are locked in the order feeds, posts, plans, operations, and then as
// channel_queue.h says.
#ifndef BROADCASTD_STORAGE_PLANS_H_
#define BROADCASTD_STORAGE_PLANS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/delivery_records.h"
#include "storage/feed_records.h"
#include "storage/scope.h"
#include "storage/transaction.h"

namespace broadcast::storage {

// Inserts plans of operations that were inserted before, in state planning.
absl::Status InsertPlans(Transaction& transaction, const Scope& scope,
                         absl::Span<const Plan> plans);

// Locks the waiting plan whose time is up first, past those that others have
// locked (PostgreSQL). Nothing if none is due. None of a client that is being
// deleted.
absl::StatusOr<std::optional<Plan>> LockPlan(Transaction& transaction);

// Writes phase, cursors, done, next_time and counts of a locked plan.
absl::Status StorePlan(Transaction& transaction, const Plan& plan);

// When the next waiting plan is due; nothing if none waits.
absl::StatusOr<std::optional<absl::Time>> NextPlanTime(
    Transaction& transaction);

// The plans of the operation in the order of their channels; none of another
// scope.
absl::StatusOr<std::vector<Plan>> ReadPlans(Transaction& transaction,
                                            const Scope& scope,
                                            const std::string& operation_id);

// How many plans of the operation are not done. The one who stores the last of
// them ends the planning: lock the operation first (LockPlanning), so that two
// who finish at once do not both see the other's as waiting.
absl::StatusOr<int64_t> CountWaitingPlans(Transaction& transaction,
                                          const std::string& operation_id);

// Keeps others from the operation until the transaction ends (PostgreSQL).
// False if it is not there or not in state planning.
absl::StatusOr<bool> LockPlanning(Transaction& transaction,
                                  const std::string& operation_id);

// Syncs and migrations that are not finished and concern one of the channels,
// as source or as target: none may begin beside them.
struct UnfinishedPlan {
  std::string channel_id;  // of those asked for
  std::string operation_id;
};
absl::StatusOr<std::vector<UnfinishedPlan>> UnfinishedPlans(
    Transaction& transaction, const std::vector<std::string>& channel_ids);

// Adds deliveries to an operation in state planning, at the ends of the queues
// of their channels. Returns INTERNAL for an operation in another state: who
// holds one of its waiting plans sees none.
absl::Status AddDeliveries(Transaction& transaction, const Scope& scope,
                           const std::string& operation_id,
                           absl::Span<const NewDelivery> deliveries);

// How many probes of the operation have not ended in the channel; it counts no
// further than to limits::kMaxRowsExaminedPerPage. It costs as much as there
// waits in the channel.
absl::StatusOr<int64_t> CountWaitingProbes(Transaction& transaction,
                                           const std::string& operation_id,
                                           const std::string& channel_id);

// The operation has all its deliveries: it runs from now on, or is finished at
// once if none waits, with the events of either. Does nothing for one that is
// not in state planning.
absl::Status EndPlanning(Transaction& transaction,
                         const std::string& operation_id);

}  // namespace broadcast::storage

#endif  // BROADCASTD_STORAGE_PLANS_H_
