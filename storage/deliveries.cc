#include "storage/deliveries.h"

#include <utility>

#include "base/limits.h"
#include "storage/answer_json.h"
#include "storage/channel_queue.h"
#include "storage/delivery_facts.h"
#include "storage/enqueue.h"
#include "storage/post_messages.h"
#include "storage/settlement.h"
#include "storage/sql_error.h"
#include "storage/tracked_messages.h"

namespace broadcast::storage {

template <>
struct Columns<Delivery> {
  template <typename V>
  static void Visit(V& v, Delivery& delivery) {
    v(delivery.delivery_id);
    v(delivery.operation_id);
    v(delivery.client_id);
    v(delivery.channel_id);
    v(delivery.entry_id);
    v(delivery.side);
    v(delivery.action);
    v(delivery.content_id);
    v(delivery.message_id);
    v(delivery.state);
    v(delivery.attempts);
    v(delivery.reason);
    v(delivery.detail);
    v(delivery.http_status);
    v(delivery.platform_message_id);
    v(delivery.not_before);
    v(delivery.deadline);
    v(delivery.create_time);
    v(delivery.finish_time);
  }
};

template <>
struct Columns<DeliveryAttempt> {
  template <typename V>
  static void Visit(V& v, DeliveryAttempt& attempt) {
    v(attempt.attempt);
    v(attempt.fence);
    v(attempt.intent_time);
    v(attempt.finish_time);
    v(attempt.reason);
    v(attempt.detail);
    v(attempt.http_status);
  }
};

namespace {

#define LATEST_TRY(column)                                \
  "(SELECT a." column                                     \
  " FROM attempts a WHERE a.delivery_id = d.delivery_id " \
  "ORDER BY a.fence DESC LIMIT 1)"
#define SELECT_DELIVERY \
  "SELECT d.delivery_id, d.operation_id, d.client_id, d.channel_id, "         \
  "d.entry_id, d.side, d.action, d.content_id, "                              \
  "CASE WHEN d.action IN ('send', 'copy') THEN d.message_id "                 \
  "ELSE d.target_message_id END, "                                            \
  "CASE WHEN r.state IS NOT NULL THEN r.state "                               \
  "WHEN i.fence IS NOT NULL THEN 'sending' "                                  \
  "WHEN q.fence > 0 THEN 'retry' ELSE 'pending' END, "                        \
  "COALESCE(r.attempts, i.attempts, q.attempts, 0), "                         \
  "COALESCE(r.reason, " LATEST_TRY("reason") ", ''), "                        \
  "COALESCE(r.detail, " LATEST_TRY("detail") ", ''), "                        \
  "COALESCE(r.http_status, " LATEST_TRY("http_status") ", 0), "               \
  "r.platform_message_id, q.not_before, d.deadline, d.create_time, "          \
  "r.finish_time FROM deliveries d "                                          \
  "LEFT JOIN results r ON r.delivery_id = d.delivery_id "                     \
  "LEFT JOIN inflight i ON i.delivery_id = d.delivery_id "                    \
  "LEFT JOIN ready q ON q.delivery_id = d.delivery_id "                       \
  "WHERE d.client_id = COALESCE(:scope, d.client_id) "
constexpr Sql kFind{SELECT_DELIVERY "AND d.delivery_id = :delivery_id"};
constexpr Sql kList{SELECT_DELIVERY
                    "AND d.operation_id = :operation_id "
                    "AND d.delivery_id > :after "
                    "ORDER BY d.delivery_id LIMIT :most"};
#undef SELECT_DELIVERY
#undef LATEST_TRY

constexpr Sql kAttempts{R"sql(
    SELECT attempt, fence, intent_time, finish_time, reason, detail,
      http_status
    FROM attempts WHERE delivery_id = :delivery_id
    UNION ALL
    SELECT attempts, fence, intent_time, finish_time, reason, detail,
      http_status
    FROM results WHERE delivery_id = :delivery_id AND intent_time IS NOT NULL
    ORDER BY 2)sql"};

constexpr Sql kResolve{R"sql(
    UPDATE results SET state = :state, finish_time = :now,
      reason = COALESCE(:reason, reason),
      platform_message_id = COALESCE(:platform_message_id,
        platform_message_id)
    WHERE delivery_id = :delivery_id AND state = 'unknown')sql"};

constexpr absl::string_view kBeforeAll = "00000000-0000-0000-0000-000000000000";

Event ResolvedEvent(const DeliveryFacts& facts, Resolution resolution) {
  static constexpr const char* kWords[] = {"sent", "not_sent", "abandoned"};
  Event event;
  event.client_id = facts.client_id;
  event.kind = "delivery.resolved";
  event.operation_id = facts.operation_id;
  event.entry_id = facts.entry_id;
  event.channel_id = facts.channel_id;
  event.delivery_id = facts.delivery_id;
  event.detail =
      TextsToJson({{"resolution", kWords[static_cast<size_t>(resolution)]}});
  return event;
}

absl::Status TrackResolved(Transaction& transaction, const DeliveryFacts& facts,
                           const Settlement& settlement,
                           const std::string& platform_message_id,
                           const std::string& message_id) {
  if (facts.message_id.has_value()) {
    PostMessages messages(transaction);
    messages.Posted(facts.message_id,
                    facts.address.value_or(facts.channel_address),
                    platform_message_id);
    return messages.Write();
  }
  if (!Posts(facts.action)) {
    const auto change = TargetChange(facts, DeliveryState::kSent, "", false);
    if (!change.has_value()) return absl::OkStatus();
    return ChangeMessages(transaction, {&*change, 1});
  }
  if (platform_message_id.empty()) return absl::OkStatus();
  const Operation* operation = settlement.Find(facts.operation_id);
  const PostedMessage message{
      .facts = &facts,
      .message_id = message_id,
      .address = facts.address.value_or(facts.channel_address),
      .platform_message_id = platform_message_id,
      .of_entry =
          operation != nullptr && operation->kind != OperationKind::kTest};
  return TrackMessages(transaction, {&message, 1});
}

// False if it must not wait again.
absl::StatusOr<bool> WaitAgain(Transaction& transaction,
                               const DeliveryFacts& facts,
                               Settlement& settlement, absl::Time deadline) {
  ASSIGN_OR_RETURN(const bool ending,
                   settlement.IsBeingCancelled(facts.operation_id));
  if (ending) return false;
  const Requeued requeued{.delivery_id = facts.delivery_id,
                          .channel_id = facts.channel_id};
  ASSIGN_OR_RETURN(const auto waiting,
                   Requeue(transaction, {&requeued, 1}, deadline));
  if (waiting.empty()) return false;
  settlement.WaitAgain(facts.operation_id, facts.action,
                       DeliveryState::kUnknown);
  settlement.ClearCancelled(facts.operation_id);
  settlement.Extend(facts.operation_id, deadline);
  return true;
}

absl::Status EndResolved(Transaction& transaction, const DeliveryFacts& facts,
                         Settlement& settlement, DeliveryState state,
                         const std::optional<std::string>& platform_message_id,
                         const std::string& new_message_id) {
  RETURN_IF_ERROR(LockQueues(transaction, {facts.channel_id}).status());
  const bool sent = state == DeliveryState::kSent;
  std::optional<std::string> reason;
  if (state == DeliveryState::kCancelled) reason = "overtaken";
  const std::optional<std::string> none;
  RETURN_IF_ERROR(transaction
                      .Execute(kResolve, {{"state", ToText(state)},
                                          {"now", transaction.now()},
                                          {"reason", reason},
                                          {"platform_message_id",
                                           sent ? platform_message_id : none},
                                          {"delivery_id", facts.delivery_id}})
                      .status());
  settlement.EndOtherwise(facts.operation_id, facts.action,
                          DeliveryState::kUnknown, state, "");
  if (sent) {
    return TrackResolved(transaction, facts, settlement,
                         platform_message_id.value_or(""), new_message_id);
  }
  PostMessages messages(transaction);
  messages.End(facts.message_id, state);
  return messages.Write();
}

}  // namespace

absl::StatusOr<std::optional<Delivery>> FindDelivery(
    Transaction& transaction, const Scope& scope,
    const std::string& delivery_id) {
  return transaction.QueryOne<Delivery>(
      kFind, {{"scope", scope.client_id()}, {"delivery_id", delivery_id}});
}

absl::StatusOr<DeliveryPage> ListDeliveries(Transaction& transaction,
                                            const Scope& scope,
                                            const std::string& operation_id,
                                            const std::string& after,
                                            std::optional<DeliveryState> state,
                                            int64_t most) {
  // Those of another state are examined as well.
  const int64_t examine =
      state.has_value() ? limits::kMaxRowsExaminedPerPage : most;
  DeliveryPage page;
  std::string last;
  int64_t examined = 0;
  bool full = false;
  RETURN_IF_ERROR(transaction.Query<Delivery>(
      kList,
      {{"scope", scope.client_id()},
       {"operation_id", operation_id},
       {"after", after.empty() ? kBeforeAll : absl::string_view(after)},
       {"most", examine}},
      [&](Delivery delivery) {
        if (full) return absl::OkStatus();
        ++examined;
        last = delivery.delivery_id;
        if (!state.has_value() || delivery.state == *state) {
          page.rows.push_back(std::move(delivery));
        }
        full = static_cast<int64_t>(page.rows.size()) == most;
        return absl::OkStatus();
      }));
  if (full || examined == examine) page.next = last;
  return page;
}

absl::StatusOr<std::vector<DeliveryAttempt>> FindAttempts(
    Transaction& transaction, const std::string& delivery_id) {
  std::vector<DeliveryAttempt> attempts;
  RETURN_IF_ERROR(transaction.Query<DeliveryAttempt>(
      kAttempts, {{"delivery_id", delivery_id}}, [&](DeliveryAttempt attempt) {
        attempts.push_back(std::move(attempt));
        return absl::OkStatus();
      }));
  return attempts;
}

absl::StatusOr<bool> ResolveDelivery(
    Transaction& transaction, const Scope& scope,
    const std::string& delivery_id, Resolution resolution,
    const std::optional<std::string>& platform_message_id,
    const std::string& new_message_id, absl::Time deadline) {
  ASSIGN_OR_RETURN(const auto seen,
                   FindDelivery(transaction, scope, delivery_id));
  if (!seen.has_value()) return false;
  ASSIGN_OR_RETURN(const auto found, FindFacts(transaction, {delivery_id}));
  if (found.empty()) return false;
  const DeliveryFacts& facts = found.begin()->second;
  Settlement settlement(transaction, 0);
  RETURN_IF_ERROR(settlement.Lock({{facts.operation_id, 0}}));
  // Only who has the operation's lock changes how a delivery of it ended.
  ASSIGN_OR_RETURN(const auto where,
                   FindWhereabouts(transaction, {delivery_id}));
  const auto at = where.find(delivery_id);
  if (at == where.end() || !at->second.result.has_value() ||
      at->second.result->state != DeliveryState::kUnknown) {
    return false;
  }
  settlement.Tell(ResolvedEvent(facts, resolution));
  DeliveryState state = DeliveryState::kSent;
  if (resolution == Resolution::kAbandoned) state = DeliveryState::kAbandoned;
  if (resolution == Resolution::kNotSent) {
    ASSIGN_OR_RETURN(const bool waits,
                     WaitAgain(transaction, facts, settlement, deadline));
    state = waits ? DeliveryState::kPending : DeliveryState::kCancelled;
  }
  if (state != DeliveryState::kPending) {
    RETURN_IF_ERROR(EndResolved(transaction, facts, settlement, state,
                                platform_message_id, new_message_id));
  }
  RETURN_IF_ERROR(settlement.Write());
  return true;
}

}  // namespace broadcast::storage
