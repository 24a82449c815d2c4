#include "storage/client_deletion.h"

#include <optional>
#include <tuple>
#include <utility>

#include "base/limits.h"
#include "storage/columns.h"
#include "storage/sql_error.h"

namespace broadcast::storage {

template <>
struct Columns<ClientFootprint> {
  template <typename V>
  static void Visit(V& v, ClientFootprint& footprint) {
    footprint.counts.clients = 1;
    v(footprint.counts.channels);
    v(footprint.counts.channel_pairs);
    v(footprint.counts.entries);
    v(footprint.delivery_rows);
  }
};

namespace {

constexpr Sql kCount{R"sql(
    SELECT
      (SELECT count(*) FROM channels WHERE client_id = :client_id),
      (SELECT count(*) FROM channel_pairs WHERE client_id = :client_id),
      (SELECT count(*) FROM entries WHERE client_id = :client_id),
      (SELECT count(*) FROM (SELECT 1 FROM operations
        WHERE client_id = :client_id LIMIT :most) n)
      + (SELECT count(*) FROM (SELECT 1 FROM operations o
        JOIN deliveries d ON d.operation_id = o.operation_id
        WHERE o.client_id = :client_id LIMIT :most) n)
      + (SELECT count(*) FROM (SELECT 1 FROM channels t
        JOIN messages m ON m.channel_id = t.channel_id
        WHERE t.client_id = :client_id LIMIT :most) n)
      + (SELECT count(*) FROM (SELECT 1 FROM feeds
        WHERE client_id = :client_id LIMIT :most) n)
      + (SELECT count(*) FROM (SELECT 1 FROM feed_channels
        WHERE client_id = :client_id LIMIT :most) n)
      + (SELECT count(*) FROM (SELECT 1 FROM feeds f
        JOIN posts p ON p.feed_id = f.feed_id
        WHERE f.client_id = :client_id LIMIT :most) n)
      + (SELECT count(*) FROM (SELECT 1 FROM plans
        WHERE client_id = :client_id LIMIT :most) n)
      + (SELECT count(*) FROM (SELECT 1 FROM events
        WHERE client_id = :client_id LIMIT :most) n)
    FROM clients
    WHERE client_id = :client_id AND delete_time IS NULL
      AND client_id = COALESCE(:scope, client_id))sql"};

// Every row that refers to the client holds its row while it is inserted: who
// has it for update sees all of them, and none comes after.
#define SELECT_TO_DELETE                                  \
  "SELECT client_id FROM clients "                        \
  "WHERE client_id = :client_id AND delete_time IS NULL " \
  "AND client_id = COALESCE(:scope, client_id)"
constexpr Sql kLock{SELECT_TO_DELETE, SELECT_TO_DELETE " FOR UPDATE"};
#undef SELECT_TO_DELETE

constexpr Sql kPairs{R"sql(
    SELECT p.channel_pair_id, p.client_id, p.open_channel_id,
      p.closed_channel_id, e.entry_id
    FROM channel_pairs p
    LEFT JOIN entries e ON e.channel_pair_id = p.channel_pair_id
    WHERE p.client_id = :client_id
    ORDER BY p.create_time, p.channel_pair_id)sql"};

constexpr Sql kHide{R"sql(
    UPDATE clients SET delete_time = :now
    WHERE client_id = :client_id AND delete_time IS NULL
      AND client_id = COALESCE(:scope, client_id))sql"};

#define SELECT_HIDDEN              \
  "SELECT client_id FROM clients " \
  "WHERE delete_time IS NOT NULL ORDER BY delete_time LIMIT 1"
constexpr Sql kNextHidden{SELECT_HIDDEN,
                          SELECT_HIDDEN " FOR UPDATE SKIP LOCKED"};
#undef SELECT_HIDDEN

// PostgreSQL gets an array, so that it looks the keys up instead of joining
// whole tables, and both an order that only the index by client gives cheaply.
#define DELETE_SOME(table, key, order)                                   \
  {                                                                      \
    "DELETE FROM " table " WHERE " key " IN (SELECT " key " FROM " table \
    " WHERE client_id = :client_id ORDER BY " order " LIMIT :most)",     \
        "DELETE FROM " table " WHERE " key " = ANY(ARRAY(SELECT " key    \
        " FROM " table " WHERE client_id = :client_id ORDER BY " order   \
        " LIMIT :most))"                                                 \
  }
constexpr Sql kDeleteOperations DELETE_SOME("operations", "operation_id",
                                            "create_time, operation_id");
constexpr Sql kDeleteEntries DELETE_SOME("entries", "entry_id",
                                         "create_time, entry_id");
constexpr Sql kDeletePairs DELETE_SOME("channel_pairs", "channel_pair_id",
                                       "create_time, channel_pair_id");
constexpr Sql kDeleteChannels DELETE_SOME("channels", "channel_id",
                                          "platform, address");
constexpr Sql kDeleteFeeds DELETE_SOME("feeds", "feed_id",
                                       "create_time, feed_id");
#undef DELETE_SOME

// What belongs to the first parents, so that a parent has nothing left when its
// turn comes. PostgreSQL takes the parents first, as those do who send.
#define DELETE_BELOW(table, key, parents, parent, order)                    \
  {                                                                         \
    "DELETE FROM " table " WHERE " key " IN (SELECT b." key                 \
    " FROM (SELECT " parent " FROM " parents                                \
    " WHERE client_id = :client_id ORDER BY " order                         \
    " LIMIT :most) a CROSS JOIN " table " b WHERE b." parent " = a." parent \
    " LIMIT :most)",                                                        \
        "DELETE FROM " table " WHERE " key " = ANY(ARRAY(SELECT b." key     \
        " FROM (SELECT " parent " FROM " parents                            \
        " WHERE client_id = :client_id ORDER BY " order                     \
        " LIMIT :most FOR UPDATE) a CROSS JOIN LATERAL (SELECT " key        \
        " FROM " table " WHERE " parent " = a." parent " ORDER BY " parent  \
        " LIMIT :most) b LIMIT :most))"                                     \
  }
constexpr Sql kDeleteDeliveries DELETE_BELOW("deliveries", "delivery_id",
                                             "operations", "operation_id",
                                             "create_time, operation_id");
constexpr Sql kDeleteMessages DELETE_BELOW("messages", "message_id", "channels",
                                           "channel_id", "platform, address");
constexpr Sql kDeletePosts DELETE_BELOW("posts", "post_id", "feeds", "feed_id",
                                        "create_time, feed_id");
#undef DELETE_BELOW

// Likewise those whose key has two parts.
#define DELETE_PARTS(table, key)                                               \
  {                                                                            \
    "DELETE FROM " table " WHERE (" key ") IN (SELECT " key " FROM " table     \
    " WHERE client_id = :client_id ORDER BY client_id, " key " LIMIT :most)",  \
        "DELETE FROM " table " WHERE ctid = ANY(ARRAY(SELECT ctid FROM " table \
        " WHERE client_id = :client_id ORDER BY client_id, " key               \
        " LIMIT :most))"                                                       \
  }
constexpr Sql kDeletePlans DELETE_PARTS("plans", "operation_id, channel_id");
constexpr Sql kDeleteFeedChannels DELETE_PARTS("feed_channels",
                                               "feed_id, channel_id");
#undef DELETE_PARTS
constexpr Sql kDeleteEvents{
    "DELETE FROM events WHERE sequence IN (SELECT sequence FROM events "
    "WHERE client_id = :client_id ORDER BY sequence LIMIT :most)",
    "DELETE FROM events WHERE ctid = ANY(ARRAY(SELECT ctid FROM events "
    "WHERE client_id = :client_id ORDER BY sequence LIMIT :most))"};
constexpr Sql kDeleteClient{"DELETE FROM clients WHERE client_id = :client_id"};

// Deletes up to `most` rows, those that others refer to last; what one of them
// still takes along is a row or two.
absl::StatusOr<ClientFootprint> DeleteRows(Transaction& transaction,
                                           const std::string& client_id,
                                           int64_t most) {
  ClientFootprint gone;
  const auto remove = [&](const Sql& sql, int64_t& count) -> absl::Status {
    if (gone.rows() == most) return absl::OkStatus();
    ASSIGN_OR_RETURN(const int64_t removed,
                     transaction.Execute(sql, {{"client_id", client_id},
                                               {"most", most - gone.rows()}}));
    count += removed;
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(remove(kDeletePlans, gone.delivery_rows));
  RETURN_IF_ERROR(remove(kDeleteDeliveries, gone.delivery_rows));
  RETURN_IF_ERROR(remove(kDeleteOperations, gone.delivery_rows));
  RETURN_IF_ERROR(remove(kDeleteEvents, gone.delivery_rows));
  RETURN_IF_ERROR(remove(kDeleteEntries, gone.counts.entries));
  RETURN_IF_ERROR(remove(kDeletePairs, gone.counts.channel_pairs));
  RETURN_IF_ERROR(remove(kDeleteFeedChannels, gone.delivery_rows));
  RETURN_IF_ERROR(remove(kDeletePosts, gone.delivery_rows));
  RETURN_IF_ERROR(remove(kDeleteFeeds, gone.delivery_rows));
  RETURN_IF_ERROR(remove(kDeleteMessages, gone.delivery_rows));
  RETURN_IF_ERROR(remove(kDeleteChannels, gone.counts.channels));
  if (gone.rows() == most) return gone;
  ASSIGN_OR_RETURN(
      gone.counts.clients,
      transaction.Execute(kDeleteClient, {{"client_id", client_id}}));
  return gone;
}

}  // namespace

absl::StatusOr<ClientFootprint> CountClient(Transaction& transaction,
                                            const Scope& scope,
                                            const std::string& client_id) {
  ASSIGN_OR_RETURN(const auto found,
                   transaction.QueryOne<ClientFootprint>(
                       kCount, {{"client_id", client_id},
                                {"most", limits::kChunkRows + 1},
                                {"scope", scope.client_id()}}));
  return found.value_or(ClientFootprint());
}

absl::StatusOr<DeletedClientRows> DeleteClientNow(
    Transaction& transaction, const Scope& scope,
    const std::string& client_id) {
  ASSIGN_OR_RETURN(
      const auto locked,
      transaction.QueryOne<std::tuple<std::string>>(
          kLock, {{"client_id", client_id}, {"scope", scope.client_id()}}));
  DeletedClientRows deleted;
  if (!locked.has_value()) return deleted;
  ASSIGN_OR_RETURN(const ClientFootprint footprint,
                   CountClient(transaction, scope, client_id));
  if (footprint.rows() > limits::kChunkRows) return RunAgain();
  RETURN_IF_ERROR(transaction.Query<PairIds>(
      kPairs, {{"client_id", client_id}}, [&](PairIds pair) {
        deleted.pairs.push_back(std::move(pair));
        return absl::OkStatus();
      }));
  ASSIGN_OR_RETURN(const ClientFootprint gone,
                   DeleteRows(transaction, client_id, limits::kChunkRows));
  deleted.counts = gone.counts;
  return deleted;
}

absl::StatusOr<bool> HideClient(Transaction& transaction, const Scope& scope,
                                const std::string& client_id) {
  ASSIGN_OR_RETURN(const int64_t hidden,
                   transaction.Execute(kHide, {{"now", transaction.now()},
                                               {"client_id", client_id},
                                               {"scope", scope.client_id()}}));
  return hidden == 1;
}

absl::StatusOr<PurgedRows> PurgeStep(Transaction& transaction) {
  ASSIGN_OR_RETURN(
      const auto hidden,
      transaction.QueryOne<std::tuple<std::string>>(kNextHidden, {}));
  if (!hidden.has_value()) return PurgedRows();
  const auto& [client_id] = *hidden;
  ASSIGN_OR_RETURN(const ClientFootprint gone,
                   DeleteRows(transaction, client_id, limits::kChunkRows));
  return PurgedRows{.client_id = client_id, .rows = gone.rows()};
}

}  // namespace broadcast::storage
