#include "sync/probe_messages.h"

#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/status_macros.h"
#include "feeds/post_deliveries.h"
#include "storage/contents.h"
#include "storage/plan_reads.h"
#include "storage/plans.h"

namespace broadcast::sync {

using storage::MessageState;

namespace {

// One that is pending or unknown is nowhere to be asked about.
bool IsProbed(MessageState state) {
  return state == MessageState::kLive || state == MessageState::kUndeletable;
}

}  // namespace

absl::StatusOr<ProbedPart> WriteProbes(storage::Transaction& transaction,
                                       const storage::Scope& scope,
                                       const WritePlan& plan,
                                       const std::string& after_post_id,
                                       int64_t most) {
  const storage::Channel& channel = plan.leg.channel;
  constexpr int64_t kPageRows = limits::kMaxRowsExaminedPerPage;
  ASSIGN_OR_RETURN(const auto rows,
                   storage::ReadPlaced(transaction, scope,
                                       {.feed_id = plan.turn.feed_id,
                                        .after_post_id = after_post_id,
                                        .as_of = transaction.now(),
                                        .most = kPageRows},
                                       channel.channel_id));
  ProbedPart part{.more = static_cast<int64_t>(rows.size()) == kPageRows};
  std::vector<storage::NewDelivery> probes;
  for (const storage::PlacedRow& row : rows) {
    if (IsProbed(row.state)) {
      if (static_cast<int64_t>(probes.size()) == most) {
        part.more = true;
        break;
      }
      probes.push_back(feeds::ProbeOf(row.message_id, channel, plan.policy,
                                      transaction.now()));
    }
    part.last_post_id = row.post_id;
  }
  // The channel may have been deleted in between.
  RETURN_IF_ERROR(storage::AgainIfCollected(
      storage::AddDeliveries(transaction, scope, plan.operation_id, probes)));
  part.deliveries = static_cast<int64_t>(probes.size());
  return part;
}

}  // namespace broadcast::sync
