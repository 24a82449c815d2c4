#include "storage/delivery_integrity.h"

#include <array>
#include <tuple>
#include <utility>

#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/delivery_records.h"

namespace broadcast::storage {
namespace {

// How many ended in each of the six ways, in the order of the columns.
using Ends = std::array<int64_t, 6>;

// An operation's counts, and what its deliveries say.
struct OperationFacts {
  WalkCursor place;
  bool hidden = false;
  OperationState state = OperationState::kRunning;
  int64_t planned = 0;
  Ends counted = {};
  Ends found = {};
  int64_t deliveries = 0;
  int64_t unfinished = 0;
  int64_t astray = 0;
  int64_t unqueued = 0;
};

// Deliveries go before their operation, and leave its counts as they were.
bool Miscounted(const OperationFacts& facts) {
  int64_t ended = 0;
  for (size_t i = 0; i < facts.counted.size(); ++i) {
    ended += facts.counted[i];
    const bool all_there = facts.deliveries == facts.planned;
    if (all_there ? facts.found[i] != facts.counted[i]
                  : facts.found[i] > facts.counted[i]) {
      return true;
    }
  }
  if (facts.deliveries > facts.planned) return true;
  if (facts.state == OperationState::kPlanning) return false;
  return facts.unfinished != facts.planned - ended ||
         (facts.state == OperationState::kFinished) != (ended == facts.planned);
}

}  // namespace

template <>
struct Columns<OperationFacts> {
  template <typename V>
  static void Visit(V& v, OperationFacts& facts) {
    v(facts.place.client_id);
    v(facts.place.create_time);
    v(facts.place.id);
    v(facts.hidden);
    v(facts.state);
    v(facts.planned);
    for (int64_t& count : facts.counted) v(count);
    for (int64_t& count : facts.found) v(count);
    v(facts.deliveries);
    v(facts.unfinished);
    v(facts.astray);
    v(facts.unqueued);
  }
};

template <>
struct Columns<WalkedQueue> {
  template <typename V>
  static void Visit(V& v, WalkedQueue& queue) {
    v(queue.channel_id);
    v(queue.client_id);
    v(queue.hidden);
    v(queue.wrong);
  }
};

namespace {

#define HIDDEN(alias)                               \
  "CASE WHEN (SELECT c.delete_time FROM clients c " \
  "WHERE c.client_id = " alias ".client_id) IS NULL THEN 0 ELSE 1 END"
#define COUNT_IF(what) \
  "CAST(sum(CASE WHEN " what " THEN 1 ELSE 0 END) AS bigint)"
#define PLACES                                             \
  " LEFT JOIN ready w ON w.delivery_id = d.delivery_id"    \
  " LEFT JOIN inflight i ON i.delivery_id = d.delivery_id" \
  " LEFT JOIN results r ON r.delivery_id = d.delivery_id "
#define ASTRAY                                           \
  "CASE WHEN w.delivery_id IS NULL THEN 0 ELSE 1 END"    \
  " + CASE WHEN i.delivery_id IS NULL THEN 0 ELSE 1 END" \
  " + CASE WHEN r.delivery_id IS NULL THEN 0 ELSE 1 END <> 1"
#define UNQUEUED                                             \
  "(w.delivery_id IS NOT NULL OR i.delivery_id IS NOT NULL)" \
  " AND NOT EXISTS (SELECT 1 FROM channel_queues q"          \
  " WHERE q.channel_id = d.channel_id)"

// The limits are written out, because PostgreSQL plans for the rows it knows
// of.
static_assert(kOperationsAtOnce == 200);
constexpr Sql kOperations{
    "SELECT o.client_id, o.create_time, o.operation_id, " HIDDEN("o")
    ", o.state, o.planned, o.sent, o.failed, o.unknown, o.expired,"
    " o.cancelled, o.abandoned, "
    COUNT_IF("r.state = 'sent'") ", " COUNT_IF("r.state = 'failed'") ", "
    COUNT_IF("r.state = 'unknown'") ", " COUNT_IF("r.state = 'expired'") ", "
    COUNT_IF("r.state = 'cancelled'") ", " COUNT_IF("r.state = 'abandoned'")
    ", count(d.delivery_id), count(w.delivery_id) + count(i.delivery_id), "
    COUNT_IF("d.delivery_id IS NOT NULL AND " ASTRAY) ", "
    COUNT_IF(UNQUEUED)
    " FROM (SELECT * FROM operations"
    "  WHERE (client_id, create_time, operation_id)"
    "    > (:client_id, :create_time, :id) AND client_id <= :last_client_id"
    "  ORDER BY client_id, create_time, operation_id LIMIT 200) o"
    " LEFT JOIN deliveries d ON d.operation_id = o.operation_id" PLACES
    "GROUP BY o.client_id, o.create_time, o.operation_id, o.state, o.planned,"
    " o.sent, o.failed, o.unknown, o.expired, o.cancelled, o.abandoned "
    "ORDER BY o.client_id, o.create_time, o.operation_id"};

constexpr Sql kAstray{"SELECT d.delivery_id FROM deliveries d" PLACES
                      "WHERE d.operation_id = :operation_id AND " ASTRAY};
constexpr Sql kUnqueued{"SELECT DISTINCT d.channel_id FROM deliveries d" PLACES
                        "WHERE d.operation_id = :operation_id AND " UNQUEUED};

static_assert(limits::kMaxRowsExaminedPerPage == 1000);
constexpr Sql kQueues{"SELECT q.channel_id, q.client_id, " HIDDEN(
    "q") ", CASE WHEN q.waiting = (SELECT count(*) FROM ready w"
         "   WHERE w.channel_id = q.channel_id)"
         " AND q.busy = CASE WHEN i.channel_id IS NULL THEN 0 ELSE 1 END"
         " THEN 0 ELSE 1 END "
         "FROM (SELECT * FROM channel_queues WHERE channel_id > :channel_id"
         "  ORDER BY channel_id LIMIT 1000) q "
         "LEFT JOIN (SELECT DISTINCT channel_id FROM inflight) i"
         "  ON i.channel_id = q.channel_id "
         "ORDER BY q.channel_id"};
#undef UNQUEUED
#undef ASTRAY
#undef PLACES
#undef COUNT_IF
#undef HIDDEN

absl::StatusOr<std::vector<std::string>> FindIds(
    Transaction& transaction, const Sql& sql, const std::string& operation_id) {
  std::vector<std::string> ids;
  RETURN_IF_ERROR(transaction.Query<std::tuple<std::string>>(
      sql, {{"operation_id", operation_id}}, [&](std::tuple<std::string> row) {
        ids.push_back(std::get<0>(std::move(row)));
        return absl::OkStatus();
      }));
  return ids;
}

}  // namespace

absl::StatusOr<std::vector<WalkedOperation>> WalkOperations(
    Transaction& transaction, const Scope& scope, const WalkCursor& cursor) {
  const std::string last = LastClient(scope);
  std::vector<WalkedOperation> operations;
  RETURN_IF_ERROR(transaction.Query<OperationFacts>(
      kOperations,
      {{"client_id", cursor.client_id},
       {"create_time", cursor.create_time},
       {"id", cursor.id},
       {"last_client_id", last}},
      [&](OperationFacts facts) {
        operations.push_back({.place = std::move(facts.place),
                              .hidden = facts.hidden,
                              .miscounted = Miscounted(facts),
                              .deliveries = facts.deliveries,
                              .astray = facts.astray,
                              .unqueued = facts.unqueued});
        return absl::OkStatus();
      }));
  return operations;
}

absl::StatusOr<std::vector<std::string>> FindAstray(
    Transaction& transaction, const std::string& operation_id) {
  return FindIds(transaction, kAstray, operation_id);
}

absl::StatusOr<std::vector<std::string>> FindUnqueued(
    Transaction& transaction, const std::string& operation_id) {
  return FindIds(transaction, kUnqueued, operation_id);
}

absl::StatusOr<std::vector<WalkedQueue>> WalkQueues(
    Transaction& transaction, const std::string& channel_id) {
  std::vector<WalkedQueue> queues;
  RETURN_IF_ERROR(transaction.Query<WalkedQueue>(
      kQueues, {{"channel_id", channel_id}}, [&](WalkedQueue queue) {
        queues.push_back(std::move(queue));
        return absl::OkStatus();
      }));
  return queues;
}

}  // namespace broadcast::storage
