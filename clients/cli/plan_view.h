// Plans of Sync and Migrate for people. Any thread.
#ifndef BROADCASTD_CLI_PLAN_VIEW_H_
#define BROADCASTD_CLI_PLAN_VIEW_H_

#include <cstdint>
#include <string>

#include "broadcast/v1/sync.pb.h"
#include "cli/cli_session.h"

namespace broadcast::cli {

// Messages that a plan posts, edits, deletes or edits to a tombstone.
int64_t ActionCount(const v1::SyncPlan& plan);

// The counts, a line each, then the first actions.
std::string PlanText(const v1::SyncPlan& plan, const Palette& palette);

// `ask about 20, post 12, edit 3, delete 4, edit 1 to a tombstone`; counts of 0
// are left out.
std::string ActionsText(const v1::SyncPlan& plan);

}  // namespace broadcast::cli

#endif  // BROADCASTD_CLI_PLAN_VIEW_H_
