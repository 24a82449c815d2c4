#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "storage/channel_queue.h"
#include "storage/delivery_facts.h"
#include "storage/outbox.h"
#include "storage/outcomes.h"
#include "storage/settlement.h"

namespace broadcast::storage {
namespace {

// The head of a channel's queue, as it was seen before its lock.
struct Head {
  WaitingRow row;
  TakenDelivery delivery;
  std::optional<std::string> target_message_id;
  ChannelState channel_state = ChannelState::kActive;
};

}  // namespace

template <>
struct Columns<Head> {
  template <typename V>
  static void Visit(V& v, Head& head) {
    TakenDelivery& delivery = head.delivery;
    v(head.row.delivery_id);
    v(head.row.channel_id);
    v(head.row.sequence);
    v(head.row.not_before);
    v(head.row.attempts);
    v(head.row.fence);
    v(delivery.operation_id);
    v(delivery.client_id);
    v(delivery.entry_id);
    v(delivery.side);
    v(delivery.kind);
    v(delivery.action);
    v(delivery.platform);
    v(delivery.account);
    v(delivery.address);
    v(delivery.content);
    v(head.target_message_id);
    v(delivery.target_platform_message_id);
    v(delivery.target_address);
    v(delivery.on_unknown);
    v(delivery.deadline);
    v(delivery.create_time);
    v(head.channel_state);
  }
};

namespace {

// Who takes the lane over waits for those who hold its row.
#define SELECT_CLAIM                                                     \
  "SELECT epoch FROM lanes WHERE lane_id = :lane_id AND owner = :owner " \
  "AND epoch = :epoch AND lease_until > :now"
constexpr Sql kHold{SELECT_CLAIM, SELECT_CLAIM " FOR SHARE"};
#undef SELECT_CLAIM

#define HEAD_COLUMNS                                                       \
  "SELECT r.delivery_id, q.channel_id, r.sequence, r.not_before, "         \
  "r.attempts, r.fence, d.operation_id, d.client_id, d.entry_id, d.side, " \
  "o.kind, d.action, c.platform, c.account, "                              \
  "COALESCE(d.address, c.address), k.body, d.target_message_id, "          \
  "m.platform_message_id, m.address, d.on_unknown, d.deadline, "           \
  "d.create_time, c.state "
#define HEAD_JOINS                                        \
  " JOIN deliveries d ON d.delivery_id = r.delivery_id "  \
  "JOIN operations o ON o.operation_id = d.operation_id " \
  "JOIN channels c ON c.channel_id = d.channel_id "       \
  "LEFT JOIN contents k ON k.content_id = d.content_id "  \
  "LEFT JOIN messages m ON m.message_id = d.target_message_id "
#define MAY_BE_TAKEN                                            \
  " AND q.lane_id = :lane_id AND q.busy = 0 AND q.waiting > 0 " \
  "AND q.not_before <= :now"
const RowsSql kHeads(
    {{"channel_id", "uuid"}},
    HEAD_COLUMNS
    "FROM channel_queues q JOIN ready r "
    "ON r.channel_id = q.channel_id AND r.sequence = "
    "(SELECT min(b.sequence) FROM ready b "
    "WHERE b.channel_id = q.channel_id)" HEAD_JOINS
    "WHERE q.channel_id = :channel_id" MAY_BE_TAKEN,
    HEAD_COLUMNS
    "FROM channel_queues q CROSS JOIN LATERAL "
    "(SELECT * FROM ready b WHERE b.channel_id = q.channel_id "
    "ORDER BY b.sequence LIMIT 1) r" HEAD_JOINS
    "WHERE q.channel_id = ANY(:channel_id::uuid[])" MAY_BE_TAKEN);
#undef MAY_BE_TAKEN
#undef HEAD_JOINS
#undef HEAD_COLUMNS

constexpr Sql kLost{R"sql(
    SELECT delivery_id FROM inflight
    WHERE lane_id = :lane_id AND epoch < :epoch
    ORDER BY epoch LIMIT :most)sql"};

const RowsSql kIntendedFor({{"channel_id", "uuid"}},
                           R"sql(
    SELECT i.delivery_id, i.fence FROM deliveries d
    JOIN inflight i ON i.delivery_id = d.delivery_id
    WHERE i.channel_id = :channel_id AND i.lane_id = :lane_id
      AND i.owner = :owner AND i.epoch = :epoch)sql",
                           R"sql(
    SELECT i.delivery_id, i.fence FROM inflight i
    WHERE i.lane_id = :lane_id AND i.epoch = :epoch AND i.owner = :owner
      AND i.channel_id = ANY(:channel_id::uuid[]))sql");

absl::StatusOr<bool> Holds(Transaction& transaction, const LaneClaim& claim) {
  ASSIGN_OR_RETURN(const auto held, transaction.QueryOne<std::tuple<int64_t>>(
                                        kHold, {{"lane_id", claim.lane_id},
                                                {"owner", claim.owner},
                                                {"epoch", claim.epoch},
                                                {"now", transaction.now()}}));
  return held.has_value();
}

// Records the intents of one transaction.
class IntentBatch {
 public:
  IntentBatch(Transaction& transaction, const IntentOptions& options)
      : transaction_(transaction),
        options_(options),
        settlement_(transaction, options.disable_threshold) {}

  absl::StatusOr<TakenIntents> Record() {
    ASSIGN_OR_RETURN(taken_.held, Holds(transaction_, options_.claim));
    if (!taken_.held) return std::move(taken_);
    RETURN_IF_ERROR(FindHeads());
    RETURN_IF_ERROR(LockAll());
    RETURN_IF_ERROR(TakeHeads());
    RETURN_IF_ERROR(InsertInflight(transaction_, inflight_));
    RETURN_IF_ERROR(InsertResults(transaction_, results_));
    RETURN_IF_ERROR(StoreQueues(transaction_, queues_));
    if (!results_.empty()) RETURN_IF_ERROR(settlement_.Write());
    return std::move(taken_);
  }

 private:
  absl::Status FindHeads() {
    std::vector<ValueRow> rows;
    for (const std::string& channel_id : std::set<std::string>(
             options_.channel_ids.begin(), options_.channel_ids.end())) {
      channel_ids_.insert(channel_id);
    }
    rows.reserve(channel_ids_.size());
    for (const std::string& channel_id : channel_ids_) {
      rows.push_back({channel_id});
    }
    return transaction_.QueryRows<Head>(
        kHeads, rows,
        {{"lane_id", options_.claim.lane_id}, {"now", transaction_.now()}},
        [&](Head head) {
          std::string channel_id = head.row.channel_id;
          heads_.emplace(std::move(channel_id), std::move(head));
          return absl::OkStatus();
        });
  }

  // Why it is not sent; nothing if it is.
  std::optional<ResultRow> Refusal(const Head& head) const {
    ResultRow result{.delivery_id = head.row.delivery_id,
                     .state = DeliveryState::kFailed,
                     .fence = head.row.fence,
                     .attempts = head.row.attempts};
    const bool targets = head.target_message_id.has_value();
    if (head.delivery.deadline <= transaction_.now()) {
      result.state = DeliveryState::kExpired;
      result.reason = "expired";
    } else if (head.channel_state == ChannelState::kDisabled) {
      result.reason = "channel_disabled";
    } else if (targets && !head.delivery.target_platform_message_id) {
      result.reason = "target_missing";
    } else {
      return std::nullopt;
    }
    return result;
  }

  absl::Status LockAll() {
    std::map<std::string, int64_t> endings;
    std::set<std::string> channel_ids;
    for (const auto& [channel_id, head] : heads_) {
      channel_ids.insert(channel_id);
      if (Refusal(head).has_value()) ++endings[head.delivery.operation_id];
    }
    RETURN_IF_ERROR(settlement_.Lock(endings));
    ASSIGN_OR_RETURN(queues_, LockQueues(transaction_, channel_ids));
    return absl::OkStatus();
  }

  absl::Status TakeHeads() {
    std::vector<WaitingRow> rows;
    for (const auto& [channel_id, queue] : queues_) {
      // Somebody came first, or it has moved to another lane.
      if (queue.busy != 0 || queue.lane_id != options_.claim.lane_id) continue;
      rows.push_back(heads_.at(channel_id).row);
    }
    ASSIGN_OR_RETURN(const auto deleted, DeleteReady(transaction_, rows, true));
    // In the order of the caller, who was fair.
    for (const std::string& channel_id : options_.channel_ids) {
      const auto found = heads_.find(channel_id);
      if (found == heads_.end()) continue;
      Head head = std::move(found->second);
      heads_.erase(found);
      if (!deleted.contains(head.row.delivery_id)) {
        queues_.erase(channel_id);
        continue;
      }
      ChannelQueue& queue = queues_.at(channel_id);
      --queue.waiting;
      if (auto refusal = Refusal(head)) {
        Refuse(head, *std::move(refusal));
      } else {
        queue.busy = 1;
        Take(std::move(head));
      }
    }
    return absl::OkStatus();
  }

  void Refuse(const Head& head, ResultRow result) {
    ++(result.state == DeliveryState::kExpired ? taken_.expired
                                               : taken_.refused);
    settlement_.End(head.delivery.operation_id, head.delivery.action,
                    result.state, result.reason);
    results_.push_back(std::move(result));
  }

  void Take(Head head) {
    WaitingRow& row = head.row;
    inflight_.push_back({.delivery_id = row.delivery_id,
                         .channel_id = row.channel_id,
                         .sequence = row.sequence,
                         .lane_id = options_.claim.lane_id,
                         .owner = options_.claim.owner,
                         .epoch = options_.claim.epoch,
                         .fence = row.fence + 1,
                         .attempts = row.attempts + 1,
                         .intent_time = transaction_.now()});
    TakenDelivery delivery = std::move(head.delivery);
    delivery.delivery_id = std::move(row.delivery_id);
    delivery.channel_id = std::move(row.channel_id);
    delivery.fence = row.fence + 1;
    delivery.attempt = row.attempts + 1;
    delivery.not_before = row.not_before;
    taken_.taken.push_back(std::move(delivery));
  }

  Transaction& transaction_;
  const IntentOptions& options_;
  TakenIntents taken_;
  std::set<std::string> channel_ids_;
  std::map<std::string, Head> heads_;  // by channel
  Settlement settlement_;
  ChannelQueues queues_;
  std::vector<InflightRow> inflight_;
  std::vector<ResultRow> results_;
};

// Files what earlier owners of a lane left in flight.
class LostBatch {
 public:
  explicit LostBatch(Transaction& transaction)
      : transaction_(transaction), settlement_(transaction, 0) {}

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
    const bool harmless = facts.on_unknown == OnUnknown::kResend ||
                          facts.action == DeliveryAction::kEdit ||
                          facts.action == DeliveryAction::kDelete;
    return harmless && !settlement_.IsCancelled(facts.operation_id) &&
           facts.deadline > transaction_.now();
  }

  void File(const DeliveryFacts& facts, const InflightRow& inflight) {
    static constexpr char kReason[] = "owner_lost";
    lost_.push_back(facts.delivery_id);
    ChannelQueue& queue = queues_[facts.channel_id];
    queue.busy = 0;
    if (!MayResend(facts)) {
      settlement_.End(facts.operation_id, facts.action, DeliveryState::kUnknown,
                      kReason);
      settlement_.Tell(UnknownEvent(facts, kReason));
      results_.push_back({.delivery_id = facts.delivery_id,
                          .state = DeliveryState::kUnknown,
                          .reason = kReason,
                          .fence = inflight.fence,
                          .attempts = inflight.attempts,
                          .intent_time = inflight.intent_time});
      return;
    }
    ++queue.waiting;
    ready_.push_back({.delivery_id = facts.delivery_id,
                      .channel_id = facts.channel_id,
                      .sequence = inflight.sequence,
                      .not_before = transaction_.now(),
                      .attempts = inflight.attempts,
                      .fence = inflight.fence});
    attempts_.push_back({.delivery_id = facts.delivery_id,
                         .fence = inflight.fence,
                         .attempt = inflight.attempts,
                         .intent_time = inflight.intent_time,
                         .reason = kReason});
  }

  Transaction& transaction_;
  Facts facts_;
  Settlement settlement_;
  ChannelQueues queues_;
  std::vector<std::string> lost_;
  std::vector<ResultRow> results_;
  std::vector<AttemptRow> attempts_;
  std::vector<WaitingRow> ready_;
};

}  // namespace

absl::StatusOr<TakenIntents> RecordIntents(Transaction& transaction,
                                           const IntentOptions& options) {
  return IntentBatch(transaction, options).Record();
}

absl::StatusOr<int64_t> RecordLostIntents(Transaction& transaction,
                                          const LaneClaim& claim,
                                          int64_t most) {
  ASSIGN_OR_RETURN(const bool held, Holds(transaction, claim));
  if (!held) return 0;
  return LostBatch(transaction).Record(claim, most);
}

absl::StatusOr<int64_t> TakeBackIntents(Transaction& transaction,
                                        const IntentOptions& options) {
  std::vector<ValueRow> rows;
  rows.reserve(options.channel_ids.size());
  for (const std::string& channel_id : options.channel_ids) {
    rows.push_back({channel_id});
  }
  std::vector<OutcomeRecord> outcomes;
  using Intended = std::tuple<std::string, int64_t>;
  RETURN_IF_ERROR(transaction.QueryRows<Intended>(
      kIntendedFor, rows,
      {{"lane_id", options.claim.lane_id},
       {"owner", options.claim.owner},
       {"epoch", options.claim.epoch}},
      [&](Intended intended) {
        OutcomeRecord& outcome = outcomes.emplace_back();
        std::tie(outcome.delivery_id, outcome.fence) = std::move(intended);
        outcome.state = DeliveryState::kRetry;
        outcome.burns_attempt = false;
        outcome.retry_time = transaction.now();
        outcome.reason = "taken_back";
        return absl::OkStatus();
      }));
  OutcomePolicy policy;
  policy.disable_threshold = options.disable_threshold;
  ASSIGN_OR_RETURN(const OutcomeSummary summary,
                   RecordOutcomes(transaction, outcomes, policy));
  return summary.applied;
}

}  // namespace broadcast::storage
