#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "storage/channel_queue.h"
#include "storage/delivery_facts.h"
#include "storage/outbox.h"
#include "storage/outcomes.h"
#include "storage/post_messages.h"
#include "storage/settlement.h"

namespace broadcast::storage {
namespace {

// The head of a channel's queue, as it was seen before its lock.
struct Head {
  WaitingRow row;
  TakenDelivery delivery;
  std::optional<std::string> target_message_id;
  std::optional<std::string> message_id;
  ChannelState channel_state = ChannelState::kActive;
  int64_t elsewhere = 0;  // it has an address of its own
  std::optional<absl::Time> cancel_time;
  int64_t reopened = 0;  // it takes back what is wanted again by now
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
    v(head.row.maybe_done);
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
    v(head.message_id);
    v(delivery.target_platform_message_id);
    v(delivery.target_address);
    v(delivery.on_unknown);
    v(delivery.deadline);
    v(delivery.create_time);
    v(head.channel_state);
    v(head.elsewhere);
    v(head.cancel_time);
    v(head.reopened);
  }
};

namespace {

// What has been taken back is edited no more, although the platform might let
// us: its post has another message by then, or none.
#define HEAD_COLUMNS                                                          \
  "SELECT r.delivery_id, q.channel_id, r.sequence, r.not_before, "            \
  "r.attempts, r.fence, r.maybe_done, "                                       \
  "d.operation_id, d.client_id, d.entry_id, d.side, "                         \
  "o.kind, d.action, c.platform, c.account, "                                 \
  "COALESCE(d.address, c.address), k.body, d.target_message_id, "             \
  "d.message_id, "                                                            \
  "CASE WHEN d.action = 'edit' AND m.state IN "                               \
  "('deleted', 'tombstoned', 'lost') THEN NULL "                              \
  "ELSE m.platform_message_id END, "                                          \
  "m.address, d.on_unknown, d.deadline, "                                     \
  "d.create_time, c.state, CASE WHEN d.address IS NULL THEN 0 ELSE 1 END, "   \
  "o.cancel_time, CASE WHEN d.action IN ('delete', 'tombstone') AND EXISTS (" \
  "SELECT 1 FROM posts p JOIN feed_channels f ON f.feed_id = p.feed_id "      \
  "WHERE p.post_id = m.post_id AND p.state = 'open' "                         \
  "AND f.channel_id = d.channel_id) THEN 1 ELSE 0 END "
#define HEAD_JOINS                                        \
  " JOIN deliveries d ON d.delivery_id = r.delivery_id "  \
  "JOIN operations o ON o.operation_id = d.operation_id " \
  "JOIN channels c ON c.channel_id = d.channel_id "       \
  "LEFT JOIN contents k ON k.content_id = d.content_id "  \
  "LEFT JOIN messages m ON m.message_id = d.target_message_id "
// Not the words of the partial indexes: they were read instead, whole, by a
// plan from when nothing waited.
#define MAY_BE_TAKEN                                                    \
  " AND q.lane_id = :lane_id AND q.busy + 0 = 0 AND q.waiting + 0 > 0 " \
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

const RowsSql kWithoutReady({{"channel_id", "uuid"}},
                            "SELECT :channel_id WHERE NOT EXISTS (SELECT 1 "
                            "FROM ready WHERE channel_id = :channel_id)",
                            "SELECT x.channel_id FROM @rows WHERE NOT EXISTS "
                            "(SELECT 1 FROM ready r "
                            "WHERE r.channel_id = x.channel_id)");

// Records the intents of one transaction.
class IntentBatch {
 public:
  IntentBatch(Transaction& transaction, const IntentOptions& options)
      : transaction_(transaction),
        options_(options),
        settlement_(transaction, options.disable_threshold),
        messages_(transaction) {}

  absl::StatusOr<TakenIntents> Record() {
    ASSIGN_OR_RETURN(taken_.held, HoldsLane(transaction_, options_.claim));
    if (!taken_.held) return std::move(taken_);
    RETURN_IF_ERROR(FindHeads());
    RETURN_IF_ERROR(LockAll());
    RETURN_IF_ERROR(TakeHeads());
    RETURN_IF_ERROR(InsertInflight(transaction_, inflight_));
    RETURN_IF_ERROR(InsertResults(transaction_, results_));
    RETURN_IF_ERROR(StoreQueues(transaction_, queues_));
    if (!results_.empty()) {
      RETURN_IF_ERROR(messages_.Write());
      RETURN_IF_ERROR(settlement_.Write());
    }
    return std::move(taken_);
  }

 private:
  absl::Status FindHeads() {
    std::vector<ValueRow> rows;
    channel_ids_.insert(options_.channel_ids.begin(),
                        options_.channel_ids.end());
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
    if (head.cancel_time.has_value()) {
      result.state = DeliveryState::kCancelled;
      result.reason = "cancelled";
    } else if (head.reopened != 0 && head.row.maybe_done == 0) {
      result.state = DeliveryState::kCancelled;
      result.reason = "reopened";
    } else if (head.delivery.deadline <= transaction_.now()) {
      result.state = DeliveryState::kExpired;
      result.reason = "expired";
    } else if (head.channel_state == ChannelState::kDisabled &&
               head.elsewhere == 0) {
      result.reason = "channel_disabled";
    } else if (targets && !head.delivery.target_platform_message_id) {
      result.reason = "target_missing";
    } else {
      return std::nullopt;
    }
    if (head.row.maybe_done != 0) result.state = DeliveryState::kUnknown;
    return result;
  }

  absl::Status LockAll() {
    std::map<std::string, int64_t> endings;
    for (const auto& [channel_id, head] : heads_) {
      if (Refusal(head).has_value()) ++endings[head.delivery.operation_id];
    }
    RETURN_IF_ERROR(settlement_.Lock(endings));
    ASSIGN_OR_RETURN(queues_, LockQueues(transaction_, channel_ids_));
    return EmptyHeadless();
  }

  // The queue of a client that is being deleted may count what is gone.
  absl::Status EmptyHeadless() {
    ChannelQueues headless, empty;
    for (auto at = queues_.begin(); at != queues_.end();) {
      const auto here = at++;
      if (!heads_.contains(here->first)) headless.insert(queues_.extract(here));
    }
    std::vector<ValueRow> rows;
    for (const auto& [channel_id, queue] : headless) {
      if (queue.waiting > 0) rows.push_back({channel_id});
    }
    RETURN_IF_ERROR(transaction_.QueryRows<std::tuple<std::string>>(
        kWithoutReady, rows, {}, [&](const std::tuple<std::string>& id) {
          const auto& [channel_id] = id;
          empty.insert(headless.extract(channel_id));
          empty.at(channel_id).waiting = 0;
          return absl::OkStatus();
        }));
    return StoreQueues(transaction_, empty);
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
    ++CountOf(result.state);
    settlement_.End(head.delivery.operation_id, head.delivery.action,
                    result.state, result.reason);
    messages_.End(head.message_id, result.state);
    DeliveryFacts facts;
    facts.delivery_id = head.row.delivery_id;
    facts.operation_id = head.delivery.operation_id;
    facts.client_id = head.delivery.client_id;
    facts.channel_id = head.row.channel_id;
    facts.entry_id = head.delivery.entry_id;
    if (result.state != DeliveryState::kCancelled) {
      settlement_.Tell(EndEvent(facts, result.state, result.reason));
    }
    results_.push_back(std::move(result));
  }

  int64_t& CountOf(DeliveryState state) {
    if (state == DeliveryState::kUnknown) return taken_.unknown;
    if (state == DeliveryState::kCancelled) return taken_.cancelled;
    return state == DeliveryState::kExpired ? taken_.expired : taken_.refused;
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
                         .intent_time = transaction_.now(),
                         .maybe_done = row.maybe_done});
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
  PostMessages messages_;
  ChannelQueues queues_;  // of those with a head
  std::vector<InflightRow> inflight_;
  std::vector<ResultRow> results_;
};

}  // namespace

absl::StatusOr<TakenIntents> RecordIntents(Transaction& transaction,
                                           const IntentOptions& options) {
  return IntentBatch(transaction, options).Record();
}

}  // namespace broadcast::storage
