#include "storage/unconfigured_pairs.h"

#include <tuple>

#include "base/limits.h"
#include "base/status_macros.h"
#include "storage/columns.h"

namespace broadcast::storage {

template <>
struct Columns<WalkedPair> {
  template <typename V>
  static void Visit(V& v, WalkedPair& pair) {
    int64_t hidden = 0;
    int64_t has_entry = 0;
    v(pair.place.client_id);
    v(pair.place.create_time);
    v(pair.place.id);
    v(hidden);
    v(has_entry);
    pair.hidden = hidden != 0;
    pair.has_entry = has_entry != 0;
  }
};

namespace {

constexpr char kFirstUuid[] = "00000000-0000-0000-0000-000000000000";
constexpr char kLastUuid[] = "ffffffff-ffff-ffff-ffff-ffffffffffff";

// The limit is written out, because PostgreSQL plans for the rows it knows of.
static_assert(limits::kMaxRowsExaminedPerPage == 1000);
constexpr Sql kWalk{R"sql(
    SELECT p.client_id, p.create_time, p.channel_pair_id,
      CASE WHEN (SELECT c.delete_time FROM clients c
                 WHERE c.client_id = p.client_id) IS NULL THEN 0 ELSE 1 END,
      CASE WHEN e.entry_id IS NULL THEN 0 ELSE 1 END
    FROM channel_pairs p
    LEFT JOIN entries e ON e.channel_pair_id = p.channel_pair_id
    WHERE (p.client_id, p.create_time, p.channel_pair_id)
        > (:client_id, :create_time, :id)
      AND p.client_id <= :last_client_id
    ORDER BY p.client_id, p.create_time, p.channel_pair_id LIMIT 1000)sql"};

constexpr Sql kCount{
    "SELECT (SELECT count(*) FROM channel_pairs) "
    "- (SELECT count(*) FROM entries)"};

#define INSERT_HEAD                                                       \
  "INSERT INTO entries (entry_id, client_id, channel_pair_id, state, "    \
  "state_reason, last_outcome, interval_us, next_send_time, "             \
  "broadcast_count, success_count, partial_count, failure_count, "        \
  "consecutive_failure_count, manual_trigger_count, last_error, labels, " \
  "revision, create_time, update_time) "                                  \
  "SELECT :entry_id, p.client_id, p.channel_pair_id, :state, '', "        \
  ":last_outcome, :interval, :next_send_time, 0, 0, 0, 0, 0, 0, '', "     \
  ":labels, 1, :create_time, :create_time "                               \
  "FROM channel_pairs p JOIN clients c ON c.client_id = p.client_id "     \
  "WHERE p.channel_pair_id = :channel_pair_id AND c.delete_time IS NULL " \
  "AND p.client_id = COALESCE(:scope, p.client_id) "
// PostgreSQL holds pair and client, so that neither goes before the entry is
// there.
#define INSERT_TAIL                                               \
  "ON CONFLICT DO NOTHING RETURNING channel_pair_id, client_id, " \
  "(SELECT p.open_channel_id FROM channel_pairs p "               \
  "WHERE p.channel_pair_id = :channel_pair_id), "                 \
  "(SELECT p.closed_channel_id FROM channel_pairs p "             \
  "WHERE p.channel_pair_id = :channel_pair_id), entry_id"
constexpr Sql kConfigure{INSERT_HEAD INSERT_TAIL,
                         INSERT_HEAD "FOR KEY SHARE OF p, c " INSERT_TAIL};
#undef INSERT_TAIL
#undef INSERT_HEAD

constexpr Sql kConfigured{R"sql(
    SELECT p.channel_pair_id, p.client_id, p.open_channel_id,
      p.closed_channel_id, e.entry_id
    FROM entries e
    JOIN channel_pairs p ON p.channel_pair_id = e.channel_pair_id
    WHERE e.entry_id = :entry_id AND e.channel_pair_id = :channel_pair_id
      AND e.client_id = COALESCE(:scope, e.client_id))sql"};

}  // namespace

WalkCursor WalkCursor::At(const Scope& scope) {
  return {.client_id = scope.client_id().value_or(kFirstUuid),
          .id = kFirstUuid};
}

std::string LastClient(const Scope& scope) {
  return scope.client_id().value_or(kLastUuid);
}

absl::StatusOr<std::vector<WalkedPair>> WalkPairs(Transaction& transaction,
                                                  const Scope& scope,
                                                  const WalkCursor& cursor) {
  const std::string last = LastClient(scope);
  std::vector<WalkedPair> pairs;
  RETURN_IF_ERROR(
      transaction.Query<WalkedPair>(kWalk,
                                    {{"client_id", cursor.client_id},
                                     {"create_time", cursor.create_time},
                                     {"id", cursor.id},
                                     {"last_client_id", last}},
                                    [&](WalkedPair pair) {
                                      pairs.push_back(std::move(pair));
                                      return absl::OkStatus();
                                    }));
  return pairs;
}

absl::StatusOr<int64_t> CountUnconfiguredPairs(Transaction& transaction) {
  ASSIGN_OR_RETURN(const auto count,
                   transaction.QueryOne<std::tuple<int64_t>>(kCount, {}));
  return std::get<0>(*count);
}

absl::StatusOr<std::optional<PairIds>> ConfigurePair(Transaction& transaction,
                                                     const Scope& scope,
                                                     const Entry& entry) {
  ASSIGN_OR_RETURN(
      auto configured,
      transaction.QueryOne<PairIds>(
          kConfigure, {{"entry_id", entry.entry_id},
                       {"state", ToText(entry.state)},
                       {"last_outcome", ToText(entry.last_outcome)},
                       {"interval", entry.interval},
                       {"next_send_time", entry.next_send_time},
                       {"labels", entry.labels},
                       {"create_time", entry.create_time},
                       {"channel_pair_id", entry.channel_pair.channel_pair_id},
                       {"scope", scope.client_id()}}));
  if (configured.has_value()) return configured;
  return transaction.QueryOne<PairIds>(
      kConfigured, {{"entry_id", entry.entry_id},
                    {"channel_pair_id", entry.channel_pair.channel_pair_id},
                    {"scope", scope.client_id()}});
}

}  // namespace broadcast::storage
