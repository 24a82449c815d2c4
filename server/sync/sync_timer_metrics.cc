#include "sync/sync_timer_metrics.h"

namespace broadcast::sync {

SyncTimerMetrics::SyncTimerMetrics(prometheus::Registry& registry)
    : due(prometheus::BuildCounter()
              .Name("broadcastd_scheduled_syncs_total")
              .Help("Syncs that were due by the schedule, by what came of "
                    "them: started, nothing_to_do, still_running.")
              .Register(registry)),
      started(due.Add({{"outcome", "started"}})),
      idle(due.Add({{"outcome", "nothing_to_do"}})),
      running(due.Add({{"outcome", "still_running"}})),
      failures(prometheus::BuildCounter()
                   .Name("broadcastd_scheduled_sync_failures_total")
                   .Help("How often the database refused the schedule of "
                         "Syncs.")
                   .Register(registry)
                   .Add({})) {}

}  // namespace broadcast::sync
