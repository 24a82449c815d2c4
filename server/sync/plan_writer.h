// Turns decisions of a plan into what carries them out: the messages that posts
// are to become, and the deliveries of an operation in state planning. The
// transaction's thread.
#ifndef BROADCASTD_SYNC_PLAN_WRITER_H_
#define BROADCASTD_SYNC_PLAN_WRITER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "feeds/feed_policy.h"
#include "storage/scope.h"
#include "storage/transaction.h"
#include "sync/leg.h"
#include "sync/plan.h"

namespace broadcast::sync {

struct WritePlan {
  const Leg& leg;  // its channel is feeds::IsReachable
  const Turn& turn;
  const std::string& operation_id;
  const feeds::FeedPolicy& policy;
};

// Carries out decisions that act, in their order; all of the turn's feed. Posts
// are looked at again, locked: what has changed since the decision is left as
// whoever changed it has decided. Answers how many deliveries that were.
absl::StatusOr<int64_t> WriteDecisions(storage::Transaction& transaction,
                                       const storage::Scope& scope,
                                       const WritePlan& plan,
                                       const std::vector<Decision>& decisions);

}  // namespace broadcast::sync

#endif  // BROADCASTD_SYNC_PLAN_WRITER_H_
