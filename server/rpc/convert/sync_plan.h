// Plans between what server/sync knows and messages. Pure; any thread.
#ifndef BROADCASTD_RPC_CONVERT_SYNC_PLAN_H_
#define BROADCASTD_RPC_CONVERT_SYNC_PLAN_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "broadcast/v1/sync.pb.h"
#include "content/violations.h"
#include "storage/feed_records.h"
#include "sync/plan_token.h"
#include "sync/read_plan.h"

namespace broadcast::rpc {

void WholePlanToProto(const sync::WholePlan& plan, v1::SyncPlan& proto);

storage::PlanMode PlanModeFromProto(v1::SyncMode mode, absl::string_view field,
                                    Violations& violations);

// Nothing if it is empty.
std::optional<sync::PlanToken> PlanTokenFromProto(const std::string& text,
                                                  absl::string_view field,
                                                  Violations& violations);

}  // namespace broadcast::rpc

#endif  // BROADCASTD_RPC_CONVERT_SYNC_PLAN_H_
