#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "storage/channel_queue.h"
#include "storage/delivery_facts.h"
#include "storage/outbox.h"
#include "storage/post_messages.h"
#include "storage/settlement.h"

namespace broadcast::storage {
namespace {

constexpr Sql kLost{R"sql(
    SELECT delivery_id FROM inflight
    WHERE lane_id = :lane_id AND epoch < :epoch
    ORDER BY epoch LIMIT :most)sql"};

constexpr Sql kUnheldWaiting{R"sql(
    SELECT lane_id, account FROM lanes l
    WHERE (owner IS NULL OR lease_until <= :now OR :forced = 1)
      AND EXISTS (SELECT 1 FROM channel_queues q
        WHERE q.lane_id = l.lane_id AND q.waiting > 0 AND q.busy = 0)
    ORDER BY lane_id)sql"};

constexpr Sql kWaitingIn{R"sql(
    SELECT channel_id FROM channel_queues
    WHERE lane_id = :lane_id AND waiting > 0 AND busy = 0 LIMIT :most)sql"};

constexpr Sql kUnheld{R"sql(
    SELECT lane_id FROM lanes l
    WHERE (owner IS NULL OR lease_until <= :now OR :forced = 1)
      AND EXISTS (SELECT 1 FROM inflight i WHERE i.lane_id = l.lane_id)
    ORDER BY lane_id)sql"};

// Files what earlier owners of a lane left in flight.
class LostBatch {
 public:
  explicit LostBatch(Transaction& transaction)
      : transaction_(transaction),
        settlement_(transaction, 0),
        messages_(transaction) {}

  absl::StatusOr<int64_t> Record(const LaneClaim& claim, int64_t most) {
    std::set<std::string> ids;
    RETURN_IF_ERROR(transaction_.Query<std::tuple<std::string>>(
        kLost,
        {{"lane_id", claim.lane_id}, {"epoch", claim.epoch}, {"most", most}},
        [&](std::tuple<std::string> id) {
          ids.insert(std::get<0>(std::move(id)));
          return absl::OkStatus();
        }));
    if (ids.empty()) return 0;
    RETURN_IF_ERROR(Lock(ids));
    // Meanwhile its outcome may have come.
    ASSIGN_OR_RETURN(const auto where, FindWhereabouts(transaction_, ids));
    for (const auto& [delivery_id, at] : where) {
      const auto facts = facts_.find(delivery_id);
      if (facts == facts_.end() || !at.inflight.has_value() ||
          at.inflight->epoch >= claim.epoch) {
        continue;
      }
      File(facts->second, *at.inflight);
    }
    RETURN_IF_ERROR(DeleteInflight(transaction_, lost_));
    RETURN_IF_ERROR(InsertResults(transaction_, results_));
    RETURN_IF_ERROR(InsertAttempts(transaction_, attempts_));
    RETURN_IF_ERROR(InsertReady(transaction_, ready_));
    RETURN_IF_ERROR(StoreQueues(transaction_, queues_));
    RETURN_IF_ERROR(messages_.Write());
    RETURN_IF_ERROR(settlement_.Write());
    return static_cast<int64_t>(lost_.size());
  }

 private:
  absl::Status Lock(const std::set<std::string>& ids) {
    ASSIGN_OR_RETURN(facts_, FindFacts(transaction_, ids));
    std::map<std::string, int64_t> endings;
    std::set<std::string> channel_ids;
    for (const auto& [delivery_id, facts] : facts_) {
      ++endings[facts.operation_id];
      channel_ids.insert(facts.channel_id);
    }
    RETURN_IF_ERROR(settlement_.Lock(endings));
    ASSIGN_OR_RETURN(queues_, LockQueues(transaction_, channel_ids));
    return absl::OkStatus();
  }

  // What does no harm twice is sent again.
  bool MayResend(const DeliveryFacts& facts) const {
    const bool harmless =
        facts.on_unknown == OnUnknown::kResend || !Posts(facts.action);
    return harmless && !settlement_.IsCancelled(facts.operation_id) &&
           facts.deadline > transaction_.now();
  }

  // How one ends that is not sent again. What was only asked was not done.
  DeliveryState EndOf(const DeliveryFacts& facts) const {
    if (facts.action != DeliveryAction::kProbe) return DeliveryState::kUnknown;
    return settlement_.IsCancelled(facts.operation_id)
               ? DeliveryState::kCancelled
               : DeliveryState::kExpired;
  }

  void File(const DeliveryFacts& facts, const InflightRow& inflight) {
    static constexpr char kReason[] = "owner_lost";
    lost_.push_back(facts.delivery_id);
    ChannelQueue& queue = queues_[facts.channel_id];
    queue.busy = 0;
    if (!MayResend(facts)) {
      const DeliveryState end = EndOf(facts);
      settlement_.End(facts.operation_id, facts.action, end, kReason);
      settlement_.Tell(EndEvent(facts, end, kReason));
      messages_.End(facts.message_id, end);
      results_.push_back({.delivery_id = facts.delivery_id,
                          .state = end,
                          .reason = kReason,
                          .fence = inflight.fence,
                          .attempts = inflight.attempts,
                          .intent_time = inflight.intent_time});
      return;
    }
    ++queue.waiting;
    ready_.push_back(
        {.delivery_id = facts.delivery_id,
         .channel_id = facts.channel_id,
         .sequence = inflight.sequence,
         .not_before = transaction_.now(),
         .attempts = inflight.attempts,
         .fence = inflight.fence,
         .maybe_done = facts.action == DeliveryAction::kProbe ? 0 : 1});
    attempts_.push_back({.delivery_id = facts.delivery_id,
                         .fence = inflight.fence,
                         .attempt = inflight.attempts,
                         .intent_time = inflight.intent_time,
                         .reason = kReason});
  }

  Transaction& transaction_;
  Facts facts_;
  Settlement settlement_;
  PostMessages messages_;
  ChannelQueues queues_;
  std::vector<std::string> lost_;
  std::vector<ResultRow> results_;
  std::vector<AttemptRow> attempts_;
  std::vector<WaitingRow> ready_;
};

}  // namespace

absl::StatusOr<int64_t> RecordLostIntents(Transaction& transaction,
                                          const LaneClaim& claim,
                                          int64_t most) {
  ASSIGN_OR_RETURN(const bool held, HoldsLane(transaction, claim));
  if (!held) return 0;
  return LostBatch(transaction).Record(claim, most);
}

absl::StatusOr<int64_t> MoveStrayQueues(Transaction& transaction,
                                        const StrayOptions& options) {
  std::map<std::string, std::string> stray;  // accounts by lane
  using Found = std::tuple<std::string, std::string>;
  RETURN_IF_ERROR(transaction.Query<Found>(
      kUnheldWaiting,
      {{"now", transaction.now()}, {"forced", options.forced ? 1 : 0}},
      [&](Found lane) {
        stray.insert({std::get<0>(std::move(lane)), std::get<1>(lane)});
        return absl::OkStatus();
      }));
  for (const std::string& served : options.served) stray.erase(served);
  std::map<std::string, std::string> moves;  // lanes by channel
  for (const auto& lane : stray) {
    const std::string& account = lane.second;
    const int64_t room = options.most - static_cast<int64_t>(moves.size());
    RETURN_IF_ERROR(transaction.Query<std::tuple<std::string>>(
        kWaitingIn, {{"lane_id", lane.first}, {"most", room}},
        [&](const std::tuple<std::string>& found) {
          const std::string& channel_id = std::get<0>(found);
          const auto served = options.lane_of(account, channel_id);
          if (served.has_value()) moves.insert({channel_id, *served});
          return absl::OkStatus();
        }));
  }
  for (const auto& [channel_id, lane_id] : moves) {
    RETURN_IF_ERROR(MoveChannelQueue(transaction, channel_id, lane_id));
  }
  return static_cast<int64_t>(moves.size());
}

absl::StatusOr<int64_t> RecordStrayIntents(Transaction& transaction,
                                           const StrayOptions& options) {
  std::set<std::string> stray;
  RETURN_IF_ERROR(transaction.Query<std::tuple<std::string>>(
      kUnheld, {{"now", transaction.now()}, {"forced", options.forced ? 1 : 0}},
      [&](std::tuple<std::string> lane) {
        stray.insert(std::get<0>(std::move(lane)));
        return absl::OkStatus();
      }));
  for (const std::string& served : options.served) stray.erase(served);
  for (const std::string& lane_id : stray) {
    ASSIGN_OR_RETURN(const auto claim,
                     TakeLane(transaction, lane_id, options.owner,
                              options.lease, options.forced));
    if (!claim.has_value()) continue;
    ASSIGN_OR_RETURN(const int64_t lost,
                     RecordLostIntents(transaction, *claim, options.most));
    RETURN_IF_ERROR(ReleaseLane(transaction, *claim));
    // Another lane's row must not be locked after what was locked by now.
    if (lost > 0) return lost;
  }
  return 0;
}

}  // namespace broadcast::storage
