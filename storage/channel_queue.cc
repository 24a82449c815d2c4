#include "storage/channel_queue.h"

#include <utility>

namespace broadcast::storage {

template <>
struct Columns<ChannelQueue> {
  template <typename V>
  static void Visit(V& v, ChannelQueue& queue) {
    v(queue.channel_id);
    v(queue.lane_id);
    v(queue.waiting);
    v(queue.busy);
    v(queue.paused_until);
    v(queue.last_sequence);
  }
};

template <>
struct Columns<InflightRow> {
  template <typename V>
  static void Visit(V& v, InflightRow& row) {
    v(row.delivery_id);
    v(row.channel_id);
    v(row.sequence);
    v(row.lane_id);
    v(row.owner);
    v(row.epoch);
    v(row.fence);
    v(row.attempts);
    v(row.intent_time);
    v(row.maybe_done);
  }
};

template <>
struct Columns<ResultRow> {
  template <typename V>
  static void Visit(V& v, ResultRow& row) {
    v(row.delivery_id);
    v(row.state);
    v(row.reason);
    v(row.detail);
    v(row.http_status);
    v(row.platform_message_id);
    v(row.fence);
    v(row.attempts);
    v(row.intent_time);
  }
};

namespace {

#define QUEUE_COLUMNS \
  "channel_id, lane_id, waiting, busy, paused_until, last_sequence"

const RowsSql kLock({{"channel_id", "uuid"}},
                    "SELECT " QUEUE_COLUMNS
                    " FROM channel_queues WHERE channel_id = :channel_id",
                    "SELECT " QUEUE_COLUMNS
                    " FROM channel_queues "
                    "WHERE channel_id = ANY(:channel_id::uuid[]) "
                    "ORDER BY channel_id FOR NO KEY UPDATE");

#undef QUEUE_COLUMNS

const RowsSql kStore({{"channel_id", "uuid"},
                      {"waiting", "bigint"},
                      {"busy", "bigint"},
                      {"paused_until", "bigint"},
                      {"last_sequence", "bigint"}},
                     R"sql(
    UPDATE channel_queues SET waiting = :waiting, busy = :busy,
      paused_until = :paused_until, last_sequence = :last_sequence,
      not_before = MAX(:paused_until, COALESCE(
        (SELECT r.not_before FROM ready r WHERE r.channel_id = :channel_id
         ORDER BY r.sequence LIMIT 1), 0))
    WHERE channel_id = :channel_id)sql",
                     R"sql(
    UPDATE channel_queues q SET waiting = x.waiting, busy = x.busy,
      paused_until = x.paused_until, last_sequence = x.last_sequence,
      not_before = GREATEST(x.paused_until, COALESCE(
        (SELECT r.not_before FROM ready r WHERE r.channel_id = x.channel_id
         ORDER BY r.sequence LIMIT 1), 0))
    FROM @rows WHERE q.channel_id = x.channel_id)sql");

#define ACCOUNT_OF(row) \
  "(SELECT l.account FROM lanes l WHERE l.lane_id = " row ".lane_id)"
// While something is under way nobody looks at not_before. The lane follows how
// an account is split; one of another account was chosen before the channel got
// the account that it has now.
#define ON_CONFLICT_GROW \
  " ON CONFLICT (channel_id) DO UPDATE SET "                                \
  "waiting = channel_queues.waiting + excluded.waiting, "                   \
  "last_sequence = channel_queues.last_sequence + excluded.last_sequence, " \
  "lane_id = CASE WHEN " ACCOUNT_OF("channel_queues") " <> "                \
  ACCOUNT_OF("excluded") " THEN channel_queues.lane_id "                    \
  "ELSE excluded.lane_id END, not_before = CASE "                           \
  "WHEN channel_queues.waiting > 0 THEN channel_queues.not_before "         \
  "WHEN channel_queues.paused_until > excluded.not_before "                 \
  "THEN channel_queues.paused_until ELSE excluded.not_before END"
const RowsSql kGrow({{"channel_id", "uuid"},
                     {"client_id", "uuid"},
                     {"lane_id", "text"},
                     {"count", "bigint"},
                     {"not_before", "bigint"}},
                    "INSERT INTO channel_queues (channel_id, client_id, "
                    "lane_id, waiting, busy, not_before, paused_until, "
                    "last_sequence) VALUES (:channel_id, :client_id, :lane_id, "
                    ":count, 0, :not_before, 0, :count)" ON_CONFLICT_GROW,
                    "INSERT INTO channel_queues (channel_id, client_id, "
                    "lane_id, waiting, busy, not_before, paused_until, "
                    "last_sequence) SELECT x.channel_id, x.client_id, "
                    "x.lane_id, x.count, 0, x.not_before, 0, x.count "
                    "FROM @rows" ON_CONFLICT_GROW);
#undef ON_CONFLICT_GROW
#undef ACCOUNT_OF

// RETURNING, to learn where the end is, costs SQLite more than the row.
#define INSERT_AT_END                                                  \
  "INSERT INTO ready (channel_id, sequence, delivery_id, not_before, " \
  "attempts, fence) "
#define FROM_END(channel_id, sequence)                                \
  "(SELECT q.last_sequence FROM channel_queues q WHERE q.channel_id " \
  "= " channel_id ") - " sequence
const RowsSql kInsertAtEnd(
    {{"channel_id", "uuid"},
     {"sequence", "bigint"},
     {"delivery_id", "uuid"},
     {"not_before", "bigint"}},
    INSERT_AT_END "VALUES (:channel_id, " FROM_END(
        ":channel_id", ":sequence") ", :delivery_id, :not_before, 0, 0)",
    INSERT_AT_END "SELECT x.channel_id, " FROM_END(
        "x.channel_id", "x.sequence") ", x.delivery_id, x.not_before, 0, 0 "
                                      "FROM @rows");
#undef FROM_END
#undef INSERT_AT_END

const InsertInto kInsertReady("ready", {{"channel_id", "uuid"},
                                        {"sequence", "bigint"},
                                        {"delivery_id", "uuid"},
                                        {"not_before", "bigint"},
                                        {"attempts", "bigint"},
                                        {"fence", "bigint"},
                                        {"maybe_done", "bigint"}});

// PostgreSQL looks each row up and deletes by place: joined, it might read the
// whole queue.
const RowsSql kDeleteReady({{"delivery_id", "uuid"},
                            {"channel_id", "uuid"},
                            {"sequence", "bigint"},
                            {"fence", "bigint"}},
                           R"sql(
    DELETE FROM ready WHERE channel_id = :channel_id AND sequence = :sequence
      AND delivery_id = :delivery_id AND fence = :fence
      AND (:heads = 0 OR NOT EXISTS (SELECT 1 FROM ready b
        WHERE b.channel_id = :channel_id AND b.sequence < :sequence)))sql",
                           R"sql(
    DELETE FROM ready WHERE ctid = ANY(ARRAY(
      SELECT (SELECT r.ctid FROM ready r WHERE r.channel_id = x.channel_id
        AND r.sequence = x.sequence AND r.delivery_id = x.delivery_id
        AND r.fence = x.fence)
      FROM @rows WHERE :heads::bigint = 0 OR x.sequence =
        (SELECT b.sequence FROM ready b WHERE b.channel_id = x.channel_id
         ORDER BY b.sequence LIMIT 1)))
    RETURNING delivery_id)sql");

const InsertInto kInsertInflight("inflight", {{"delivery_id", "uuid"},
                                              {"channel_id", "uuid"},
                                              {"sequence", "bigint"},
                                              {"lane_id", "text"},
                                              {"owner", "text"},
                                              {"epoch", "bigint"},
                                              {"fence", "bigint"},
                                              {"attempts", "bigint"},
                                              {"intent_time", "bigint"},
                                              {"maybe_done", "bigint"}});

#define DELETE_OF(table)                                            \
  RowsSql({{"delivery_id", "uuid"}},                                \
          "DELETE FROM " table " WHERE delivery_id = :delivery_id", \
          "DELETE FROM " table                                      \
          " WHERE delivery_id = ANY("                               \
          ":delivery_id::uuid[])")
const RowsSql kDeleteInflight = DELETE_OF("inflight");
const RowsSql kDeleteResults = DELETE_OF("results");
#undef DELETE_OF

const InsertInto kInsertResults("results", {{"delivery_id", "uuid"},
                                            {"state", "text"},
                                            {"reason", "text"},
                                            {"detail", "text"},
                                            {"http_status", "bigint"},
                                            {"platform_message_id", "text"},
                                            {"fence", "bigint"},
                                            {"attempts", "bigint"},
                                            {"intent_time", "bigint"},
                                            {"finish_time", "bigint"}});

const InsertInto kInsertAttempts("attempts", {{"delivery_id", "uuid"},
                                              {"fence", "bigint"},
                                              {"attempt", "bigint"},
                                              {"intent_time", "bigint"},
                                              {"finish_time", "bigint"},
                                              {"reason", "text"},
                                              {"detail", "text"},
                                              {"http_status", "bigint"}});

#define BY_DELIVERY(columns, table)            \
  RowsSql({{"delivery_id", "uuid"}},           \
          "SELECT " columns " FROM " table     \
          " WHERE delivery_id = :delivery_id", \
          "SELECT " columns " FROM " table     \
          " WHERE delivery_id = ANY(:delivery_id::uuid[])")
const RowsSql kFindInflight = BY_DELIVERY(
    "delivery_id, channel_id, sequence, lane_id, owner, epoch, fence, "
    "attempts, intent_time, maybe_done",
    "inflight");
const RowsSql kFindResults = BY_DELIVERY(
    "delivery_id, state, reason, detail, http_status, platform_message_id, "
    "fence, attempts, intent_time",
    "results");
#undef BY_DELIVERY

const RowsSql kExtend({{"delivery_id", "uuid"}},
                      "UPDATE deliveries SET deadline = :deadline "
                      "WHERE delivery_id = :delivery_id",
                      "UPDATE deliveries SET deadline = :deadline "
                      "WHERE delivery_id = ANY(:delivery_id::uuid[])");

template <typename Ids>
std::vector<ValueRow> RowsOf(const Ids& ids) {
  std::vector<ValueRow> rows;
  rows.reserve(ids.size());
  for (const std::string& id : ids) rows.push_back({id});
  return rows;
}

}  // namespace

absl::StatusOr<ChannelQueues> LockQueues(
    Transaction& transaction, const std::set<std::string>& channel_ids) {
  ChannelQueues queues;
  RETURN_IF_ERROR(transaction.QueryRows<ChannelQueue>(
      kLock, RowsOf(channel_ids), {}, [&](ChannelQueue queue) {
        std::string channel_id = queue.channel_id;
        queues.emplace(std::move(channel_id), std::move(queue));
        return absl::OkStatus();
      }));
  return queues;
}

absl::Status StoreQueues(Transaction& transaction,
                         const ChannelQueues& queues) {
  std::vector<ValueRow> rows;
  rows.reserve(queues.size());
  for (const auto& [channel_id, queue] : queues) {
    rows.push_back({channel_id, queue.waiting, queue.busy, queue.paused_until,
                    queue.last_sequence});
  }
  return transaction.ExecuteRows(kStore, rows).status();
}

absl::Status GrowQueues(Transaction& transaction,
                        const std::map<std::string, QueueGrowth>& growth) {
  std::vector<ValueRow> rows;
  rows.reserve(growth.size());
  for (const auto& [channel_id, grown] : growth) {
    rows.push_back({channel_id, grown.client_id, grown.lane_id, grown.count,
                    grown.not_before});
  }
  return transaction.ExecuteRows(kGrow, rows).status();
}

absl::Status InsertAtEnd(Transaction& transaction,
                         absl::Span<const WaitingRow> rows) {
  std::vector<ValueRow> values;
  values.reserve(rows.size());
  for (const WaitingRow& row : rows) {
    values.push_back(
        {row.channel_id, row.sequence, row.delivery_id, row.not_before});
  }
  return transaction.ExecuteRows(kInsertAtEnd, values).status();
}

absl::Status InsertReady(Transaction& transaction,
                         absl::Span<const WaitingRow> rows) {
  std::vector<ValueRow> values;
  values.reserve(rows.size());
  for (const WaitingRow& row : rows) {
    values.push_back({row.channel_id, row.sequence, row.delivery_id,
                      row.not_before, row.attempts, row.fence, row.maybe_done});
  }
  return transaction.InsertRows(kInsertReady, values).status();
}

absl::StatusOr<std::set<std::string>> DeleteReady(
    Transaction& transaction, absl::Span<const WaitingRow> rows, bool heads) {
  std::vector<ValueRow> values;
  values.reserve(rows.size());
  for (const WaitingRow& row : rows) {
    values.push_back(
        {row.delivery_id, row.channel_id, row.sequence, row.fence});
  }
  return transaction.ChangeRows(kDeleteReady, values,
                                {{"heads", heads ? 1 : 0}});
}

absl::Status InsertInflight(Transaction& transaction,
                            absl::Span<const InflightRow> rows) {
  std::vector<ValueRow> values;
  values.reserve(rows.size());
  for (const InflightRow& row : rows) {
    values.push_back({row.delivery_id, row.channel_id, row.sequence,
                      row.lane_id, row.owner, row.epoch, row.fence,
                      row.attempts, row.intent_time, row.maybe_done});
  }
  return transaction.InsertRows(kInsertInflight, values).status();
}

absl::Status DeleteInflight(Transaction& transaction,
                            const std::vector<std::string>& delivery_ids) {
  return transaction.ExecuteRows(kDeleteInflight, RowsOf(delivery_ids))
      .status();
}

absl::Status InsertResults(Transaction& transaction,
                           absl::Span<const ResultRow> rows) {
  const absl::Time now = transaction.now();
  std::vector<ValueRow> values;
  values.reserve(rows.size());
  for (const ResultRow& row : rows) {
    values.push_back({row.delivery_id, ToText(row.state), row.reason,
                      row.detail, row.http_status, row.platform_message_id,
                      row.fence, row.attempts, row.intent_time, now});
  }
  return transaction.InsertRows(kInsertResults, values).status();
}

absl::Status DeleteResults(Transaction& transaction,
                           const std::vector<std::string>& delivery_ids) {
  return transaction.ExecuteRows(kDeleteResults, RowsOf(delivery_ids)).status();
}

absl::Status InsertAttempts(Transaction& transaction,
                            absl::Span<const AttemptRow> rows) {
  const absl::Time now = transaction.now();
  std::vector<ValueRow> values;
  values.reserve(rows.size());
  for (const AttemptRow& row : rows) {
    values.push_back({row.delivery_id, row.fence, row.attempt, row.intent_time,
                      now, row.reason, row.detail, row.http_status});
  }
  return transaction.InsertRows(kInsertAttempts, values).status();
}

absl::StatusOr<std::map<std::string, Whereabouts>> FindWhereabouts(
    Transaction& transaction, const std::set<std::string>& delivery_ids) {
  const std::vector<ValueRow> rows = RowsOf(delivery_ids);
  std::map<std::string, Whereabouts> found;
  RETURN_IF_ERROR(transaction.QueryRows<InflightRow>(
      kFindInflight, rows, {}, [&](InflightRow row) {
        std::string id = row.delivery_id;
        found[std::move(id)].inflight = std::move(row);
        return absl::OkStatus();
      }));
  RETURN_IF_ERROR(transaction.QueryRows<ResultRow>(
      kFindResults, rows, {}, [&](ResultRow row) {
        std::string id = row.delivery_id;
        found[std::move(id)].result = std::move(row);
        return absl::OkStatus();
      }));
  return found;
}

absl::Status ExtendDeadlines(Transaction& transaction,
                             const std::vector<std::string>& delivery_ids,
                             absl::Time deadline) {
  return transaction
      .ExecuteRows(kExtend, RowsOf(delivery_ids), {{"deadline", deadline}})
      .status();
}

}  // namespace broadcast::storage
