// What a sender's report means for its delivery, its channel and its lane: the
// one place that decides it. Pure; any thread.
#ifndef BROADCASTD_DELIVERY_OUTCOME_OF_H_
#define BROADCASTD_DELIVERY_OUTCOME_OF_H_

#include <optional>

#include "absl/time/time.h"
#include "delivery/retry.h"
#include "senders/sender.h"
#include "storage/outbox.h"
#include "storage/outcomes.h"

namespace broadcast::delivery {

struct OutcomeContext {
  absl::Time now;     // by the database's time
  double random = 0;  // in [0, 1)
  RetryPolicy retry;
  // How long an account rests that its platform refuses. The deliveries wait.
  absl::Duration account_rest = absl::Minutes(1);
  // When a platform limits us and does not say for how long.
  absl::Duration unsaid_pause = absl::Seconds(5);
};

// The ids of what an outcome may lead to are left empty.
storage::OutcomeRecord OutcomeOf(const senders::Report& report,
                                 const storage::TakenDelivery& delivery,
                                 const OutcomeContext& context);

// Of a delivery that was intended and not begun: it waits again at once, and
// nothing is counted against it.
storage::OutcomeRecord OutcomeOfUnstarted(
    const storage::TakenDelivery& delivery, absl::Time now, const char* reason);

// Of one whose answer nobody waits for any more.
storage::OutcomeRecord OutcomeOfAbandoned(
    const storage::TakenDelivery& delivery, const OutcomeContext& context);

}  // namespace broadcast::delivery

#endif  // BROADCASTD_DELIVERY_OUTCOME_OF_H_
