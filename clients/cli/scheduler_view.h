// The scheduler for people. Any thread.
#ifndef BROADCASTD_CLI_SCHEDULER_VIEW_H_
#define BROADCASTD_CLI_SCHEDULER_VIEW_H_

#include <string>

#include "broadcast/v1/admin_service.pb.h"
#include "cli/cli_session.h"

namespace broadcast::cli {

// `paused since TIME: REASON`, or `running`; and who fires what is due.
std::string SchedulerText(const Session& session,
                          const v1::SchedulerState& state);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_SCHEDULER_VIEW_H_
