#include "storage/lane_pauses.h"

#include <map>
#include <set>
#include <string>

#include "storage/channel_queue.h"
#include "storage/lanes.h"

namespace broadcast::storage {

absl::Status PauseLanesOf(Transaction& transaction,
                          absl::Span<const OutcomeRecord> outcomes) {
  std::set<std::string> delivery_ids;
  for (const OutcomeRecord& outcome : outcomes) {
    if (outcome.pause_lane_until.has_value()) {
      delivery_ids.insert(outcome.delivery_id);
    }
  }
  if (delivery_ids.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto where,
                   FindWhereabouts(transaction, delivery_ids));
  std::map<std::string, const OutcomeRecord*> lanes;
  for (const OutcomeRecord& outcome : outcomes) {
    const auto found = where.find(outcome.delivery_id);
    if (!outcome.pause_lane_until.has_value() || found == where.end() ||
        !found->second.inflight.has_value() ||
        found->second.inflight->fence != outcome.fence) {
      continue;
    }
    const OutcomeRecord*& longest = lanes[found->second.inflight->lane_id];
    if (longest == nullptr ||
        *longest->pause_lane_until < *outcome.pause_lane_until) {
      longest = &outcome;
    }
  }
  for (const auto& [lane_id, outcome] : lanes) {
    RETURN_IF_ERROR(PauseLane(transaction, lane_id, *outcome->pause_lane_until,
                              outcome->reason));
  }
  return absl::OkStatus();
}

}  // namespace broadcast::storage
