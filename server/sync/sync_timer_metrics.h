// What the Sync on a schedule counts. The environment's; any thread.
#ifndef BROADCASTD_SYNC_SYNC_TIMER_METRICS_H_
#define BROADCASTD_SYNC_SYNC_TIMER_METRICS_H_

#include "base/metrics.h"

namespace broadcast::sync {

// Each Sync that was due counts once: as started, idle or running.
struct SyncTimerMetrics {
  explicit SyncTimerMetrics(prometheus::Registry& registry);

  prometheus::Family<prometheus::Counter>& due;
  prometheus::Counter& started;
  prometheus::Counter& idle;     // there was nothing to do
  prometheus::Counter& running;  // another one was, wherever something is to do

  prometheus::Counter& failures;
};

}  // namespace broadcast::sync

#endif  // BROADCASTD_SYNC_SYNC_TIMER_METRICS_H_
