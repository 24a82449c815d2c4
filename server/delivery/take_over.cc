#include "delivery/take_over.h"

#include <algorithm>
#include <chrono>

#include "storage/outbox.h"

namespace broadcast::delivery {
namespace {

constexpr int64_t kMostSeeds = 5000;
// An intent is followed by its send within this time.
constexpr absl::Duration kIntentToSend = absl::Seconds(1);

}  // namespace

absl::Duration MemoryOf(const Limits& limits) {
  std::chrono::nanoseconds longest{0};
  for (const RateLimit::Options& limit :
       {limits.account, limits.chat, limits.group}) {
    if (limit.count > 0) {
      longest = std::max(longest, limit.period + limit.margin);
    }
  }
  return longest > std::chrono::nanoseconds(0)
             ? absl::FromChrono(longest) + kIntentToSend
             : absl::ZeroDuration();
}

absl::StatusOr<TakeOver> TakeLaneOver(storage::Transaction& transaction,
                                      const TakeOverRequest& request) {
  TakeOver taken;
  ASSIGN_OR_RETURN(taken.claim, storage::TakeLane(transaction, request.lane_id,
                                                  request.owner, request.lease,
                                                  request.forced));
  if (!taken.claim.has_value()) return taken;
  const absl::Time now = transaction.now();
  ASSIGN_OR_RETURN(const std::vector<storage::Lane> lanes,
                   storage::ListLanes(transaction));
  for (const storage::Lane& lane : lanes) {
    if (lane.lane_id == request.lane_id) {
      taken.paused_for = lane.paused_until - now;
    }
  }
  if (request.memory > absl::ZeroDuration()) {
    ASSIGN_OR_RETURN(const std::vector<storage::RecentSend> sends,
                     storage::RecentSends(transaction, request.lane_id,
                                          now - request.memory, kMostSeeds));
    for (const storage::RecentSend& send : sends) {
      taken.sent.emplace_back(send.channel_id,
                              std::max(absl::ZeroDuration(),
                                       now - send.intent_time - kIntentToSend));
    }
  }
  ASSIGN_OR_RETURN(taken.lost, storage::RecordLostIntents(
                                   transaction, *taken.claim, kMostLost));
  return taken;
}

}  // namespace broadcast::delivery
