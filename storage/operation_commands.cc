#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/limits.h"
#include "storage/channel_queue.h"
#include "storage/enqueue.h"
#include "storage/operations.h"
#include "storage/post_messages.h"
#include "storage/settlement.h"
#include "storage/sql_error.h"

namespace broadcast::storage {
namespace {

constexpr Sql kFindOverdue{R"sql(
    SELECT deadline, operation_id FROM operations
    WHERE state = 'running' AND deadline > 0 AND deadline < :before
      AND (deadline, operation_id) >= (:deadline, :operation_id)
    ORDER BY deadline, operation_id LIMIT :most)sql"};

// Those that do not wait are in the page too: so it costs the same however
// many have ended.
constexpr Sql kReadPage{R"sql(
    SELECT d.delivery_id, r.channel_id, COALESCE(r.sequence, 0),
      COALESCE(r.not_before, 0), COALESCE(r.attempts, 0),
      COALESCE(r.fence, 0), COALESCE(r.maybe_done, 0), d.action, d.message_id
    FROM deliveries d LEFT JOIN ready r ON r.delivery_id = d.delivery_id
    WHERE d.operation_id = :operation_id AND d.delivery_id > :after
    ORDER BY d.delivery_id LIMIT :most)sql"};

constexpr Sql kFindFailed{
    "SELECT d.delivery_id, d.channel_id, d.action, CASE WHEN d.action = "
    "'delete' AND (SELECT t.state FROM messages t "
    "WHERE t.message_id = d.target_message_id) = 'undeletable' "
    "THEN 1 ELSE 0 END FROM deliveries d "
    "JOIN results r ON r.delivery_id = d.delivery_id "
    "WHERE d.operation_id = :operation_id AND r.state = 'failed' "
    "AND " BROADCASTD_MAY_BE_REINSTATED " ORDER BY d.delivery_id LIMIT :most"};

// Stand before and behind every id.
constexpr char kBeforeAll[] = "00000000-0000-0000-0000-000000000000";
constexpr char kAfterAll[] = "ffffffff-ffff-ffff-ffff-ffffffffffff";

// Whoever works on one of the plans is through when this is done.
constexpr Sql kStopPlans{R"sql(
    UPDATE plans SET done = 1 WHERE operation_id = :operation_id)sql"};

// A failed delivery of an operation.
struct Failed {
  Requeued requeued;
  DeliveryAction action = DeliveryAction::kSend;
  bool undeletable = false;
};

// A delivery of an operation.
struct Planned {
  WaitingRow row;
  std::optional<std::string> channel_id;  // unset: it does not wait
  DeliveryAction action = DeliveryAction::kSend;
  std::optional<std::string> message_id;
};

}  // namespace

template <>
struct Columns<Failed> {
  template <typename V>
  static void Visit(V& v, Failed& failed) {
    v(failed.requeued.delivery_id);
    v(failed.requeued.channel_id);
    v(failed.action);
    v(failed.undeletable);
  }
};

template <>
struct Columns<Planned> {
  template <typename V>
  static void Visit(V& v, Planned& delivery) {
    v(delivery.row.delivery_id);
    v(delivery.channel_id);
    v(delivery.row.sequence);
    v(delivery.row.not_before);
    v(delivery.row.attempts);
    v(delivery.row.fence);
    v(delivery.row.maybe_done);
    v(delivery.action);
    v(delivery.message_id);
  }
};

namespace {

// The deliveries of an operation behind one of them, in the order of their ids.
absl::StatusOr<std::vector<Planned>> ReadPage(Transaction& transaction,
                                              const std::string& operation_id,
                                              const std::string& after,
                                              int64_t most) {
  std::vector<Planned> page;
  RETURN_IF_ERROR(
      transaction.Query<Planned>(kReadPage,
                                 {{"operation_id", operation_id},
                                  {"after", after.empty() ? kBeforeAll : after},
                                  {"most", most}},
                                 [&](Planned delivery) {
                                   page.push_back(std::move(delivery));
                                   return absl::OkStatus();
                                 }));
  return page;
}

// A page of the deliveries of an operation.
struct Page {
  std::string operation_id;
  std::vector<Planned> deliveries;
};

// Ends what waits of locked operations: as cancelled or expired, or as unknown
// if an earlier try may have done it. Whatever is under way meanwhile comes to
// its operation's lock when it ends.
class Ending {
 public:
  Ending(Transaction& transaction, Settlement& settlement)
      : transaction_(transaction),
        settlement_(settlement),
        messages_(transaction) {}

  // Once, so that the queues of all are locked in one order. Answers how many.
  absl::StatusOr<int64_t> Run(const std::vector<Page>& pages) {
    std::vector<WaitingRow> rows;
    std::set<std::string> channel_ids;
    for (const Page& page : pages) {
      for (const Planned& each : page.deliveries) {
        if (!each.channel_id.has_value()) continue;
        channel_ids.insert(*each.channel_id);
        rows.push_back(each.row);
        rows.back().channel_id = *each.channel_id;
      }
    }
    ASSIGN_OR_RETURN(auto queues, LockQueues(transaction_, channel_ids));
    ASSIGN_OR_RETURN(const auto ended, DeleteReady(transaction_, rows, false));
    for (const Page& page : pages) {
      for (const Planned& each : page.deliveries) {
        if (!ended.contains(each.row.delivery_id)) continue;
        --queues[*each.channel_id].waiting;
        End(page.operation_id, each);
      }
    }
    RETURN_IF_ERROR(StoreQueues(transaction_, queues));
    RETURN_IF_ERROR(InsertResults(transaction_, results_));
    RETURN_IF_ERROR(messages_.Write());
    return static_cast<int64_t>(results_.size());
  }

 private:
  void End(const std::string& operation_id, const Planned& delivery) {
    const DeliveryState wanted = settlement_.IsCancelled(operation_id)
                                     ? DeliveryState::kCancelled
                                     : DeliveryState::kExpired;
    const DeliveryState end =
        delivery.row.maybe_done != 0 ? DeliveryState::kUnknown : wanted;
    const std::string reason(ToText(wanted));
    settlement_.End(operation_id, delivery.action, end, reason);
    messages_.End(delivery.message_id, end);
    if (end != DeliveryState::kCancelled) Tell(operation_id, delivery, end);
    results_.push_back({.delivery_id = delivery.row.delivery_id,
                        .state = end,
                        .reason = reason,
                        .fence = delivery.row.fence,
                        .attempts = delivery.row.attempts});
  }

  void Tell(const std::string& operation_id, const Planned& delivery,
            DeliveryState end) {
    const Operation* operation = settlement_.Find(operation_id);
    Event event;
    event.client_id = operation->client_id;
    event.kind = absl::StrCat("delivery.", ToText(end));
    event.operation_id = operation_id;
    event.entry_id = operation->entry_id;
    event.channel_id = *delivery.channel_id;
    event.delivery_id = delivery.row.delivery_id;
    settlement_.Tell(std::move(event));
  }

  Transaction& transaction_;
  Settlement& settlement_;
  PostMessages messages_;
  std::vector<ResultRow> results_;
};

using Overdue = std::vector<std::pair<absl::Time, std::string>>;

absl::StatusOr<Overdue> FindOverdue(Transaction& transaction, absl::Time before,
                                    const OverduePlace& from, int64_t most) {
  Overdue overdue;
  using Row = std::tuple<absl::Time, std::string>;
  RETURN_IF_ERROR(transaction.Query<Row>(
      kFindOverdue,
      {{"before", before},
       {"deadline", from.deadline},
       {"operation_id",
        from.operation_id.empty() ? kBeforeAll : from.operation_id},
       {"most", most}},
      [&](Row row) {
        overdue.emplace_back(std::get<0>(row), std::get<1>(std::move(row)));
        return absl::OkStatus();
      }));
  return overdue;
}

}  // namespace

absl::StatusOr<Cancelled> CancelOperation(Transaction& transaction,
                                          const Scope& scope,
                                          const std::string& operation_id) {
  Cancelled answer;
  ASSIGN_OR_RETURN(const auto seen,
                   FindOperation(transaction, scope, operation_id));
  if (!seen.has_value()) return answer;
  if (seen->state == OperationState::kPlanning) {
    RETURN_IF_ERROR(
        transaction.Execute(kStopPlans, {{"operation_id", operation_id}})
            .status());
  }
  Settlement settlement(transaction, 0);
  RETURN_IF_ERROR(
      settlement.Lock({{operation_id, seen->progress.planned + 1}}));
  const Operation* operation = settlement.Find(operation_id);
  if (operation == nullptr || operation->state == OperationState::kFinished) {
    return answer;
  }
  settlement.MarkCancelled(operation_id);
  if (operation->state == OperationState::kPlanning) {
    settlement.EndPlanning(operation_id);
  }
  const int64_t waiting = operation->progress.waiting();
  ASSIGN_OR_RETURN(const auto page,
                   ReadPage(transaction, operation_id, "", limits::kChunkRows));
  answer.more = static_cast<int64_t>(page.size()) == limits::kChunkRows;
  ASSIGN_OR_RETURN(answer.cancelled,
                   Ending(transaction, settlement).Run({{operation_id, page}}));
  // Whatever neither waits nor has ended is under way.
  answer.sending = waiting - answer.cancelled;
  if (answer.more) {
    ASSIGN_OR_RETURN(answer.sending, settlement.CountSending(operation_id));
    answer.cancelled = waiting - answer.sending;
  }
  RETURN_IF_ERROR(settlement.Write());
  return answer;
}

absl::StatusOr<EndedOverdue> EndOverdue(Transaction& transaction,
                                        absl::Time before,
                                        int64_t disable_threshold,
                                        const OverduePlace& from) {
  EndedOverdue answer;
  ASSIGN_OR_RETURN(
      const Overdue overdue,
      FindOverdue(transaction, before, from, limits::kOverdueOperations));
  std::map<std::string, int64_t> endings;
  for (const auto& [deadline, operation_id] : overdue) {
    endings[operation_id] = std::numeric_limits<int64_t>::max();
  }
  Settlement settlement(transaction, disable_threshold);
  RETURN_IF_ERROR(settlement.Lock(endings));
  std::vector<Page> pages;
  int64_t left = limits::kChunkRows;
  for (const auto& [deadline, operation_id] : overdue) {
    const Operation* operation = settlement.Find(operation_id);
    if (operation == nullptr || operation->state != OperationState::kRunning) {
      continue;
    }
    const bool begun = operation_id == from.operation_id;
    ASSIGN_OR_RETURN(auto page, ReadPage(transaction, operation_id,
                                         begun ? from.delivery_id : "", left));
    left -= static_cast<int64_t>(page.size());
    if (left == 0) {
      answer.next = {deadline, operation_id, page.back().row.delivery_id};
    }
    pages.push_back({operation_id, std::move(page)});
    if (left == 0) break;
    answer.next = {deadline, operation_id, kAfterAll};
  }
  if (left > 0 && overdue.size() < limits::kOverdueOperations) answer.next = {};
  ASSIGN_OR_RETURN(answer.ended, Ending(transaction, settlement).Run(pages));
  RETURN_IF_ERROR(settlement.Write());
  return answer;
}

absl::StatusOr<int64_t> RetryFailed(Transaction& transaction,
                                    const Scope& scope,
                                    const std::string& operation_id,
                                    absl::Time deadline, int64_t most) {
  ASSIGN_OR_RETURN(const auto seen,
                   FindOperation(transaction, scope, operation_id));
  if (!seen.has_value()) return 0;
  Settlement settlement(transaction, 0);
  RETURN_IF_ERROR(settlement.Lock({{operation_id, 0}}));
  // What it still ends must not be taken for what is tried again.
  if (settlement.Find(operation_id) == nullptr) return 0;
  ASSIGN_OR_RETURN(const bool ending,
                   settlement.IsBeingCancelled(operation_id));
  if (ending) return 0;
  std::vector<Failed> failed;
  std::vector<Requeued> requeued;
  RETURN_IF_ERROR(transaction.Query<Failed>(
      kFindFailed, {{"operation_id", operation_id}, {"most", most}},
      [&](Failed found) {
        requeued.push_back(found.requeued);
        failed.push_back(std::move(found));
        return absl::OkStatus();
      }));
  if (requeued.empty()) return 0;
  ASSIGN_OR_RETURN(const auto waiting,
                   Requeue(transaction, requeued, deadline));
  if (waiting.empty()) return 0;
  for (const Failed& delivery : failed) {
    if (!waiting.contains(delivery.requeued.delivery_id)) continue;
    settlement.WaitAgain(operation_id, delivery.action, DeliveryState::kFailed);
    if (delivery.undeletable) settlement.AddUndeletable(operation_id, -1);
  }
  settlement.ClearCancelled(operation_id);
  settlement.Extend(operation_id, deadline);
  RETURN_IF_ERROR(settlement.Write());
  return static_cast<int64_t>(waiting.size());
}

}  // namespace broadcast::storage
