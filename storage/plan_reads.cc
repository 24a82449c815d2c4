#include "storage/plan_reads.h"

#include <tuple>
#include <utility>

#include "storage/present.h"

namespace broadcast::storage {

template <>
struct Columns<WantedRow> {
  template <typename V>
  static void Visit(V& v, WantedRow& row) {
    v(row.post_id);
    v(row.content_id);
    v(row.original_id);
  }
};

template <>
struct Columns<PlacedRow> {
  template <typename V>
  static void Visit(V& v, PlacedRow& row) {
    v(row.post_id);
    v(row.message_id);
    v(row.content_id);
    v(row.state);
    v(row.post_time);
  }
};

template <>
struct Columns<LeavingRow> {
  template <typename V>
  static void Visit(V& v, LeavingRow& row) {
    Columns<PlacedRow>::Visit(v, row);
    v(row.post_open);
    v(row.moved);
  }
};

namespace {

constexpr absl::string_view kBeforeAll = "00000000-0000-0000-0000-000000000000";

absl::string_view After(const std::string& id) {
  return id.empty() ? kBeforeAll : absl::string_view(id);
}

// How SQLite is to look a post's message up: left to itself it reads every
// message of the feed for every post. It can do as it is told only where the
// condition says all that the index is limited to; else it refuses.
#define BY_POST "INDEXED BY messages_of_post "
#define IS_PRESENT(alias) \
  "AND " alias            \
  ".post_id IS NOT NULL " \
  "AND " BROADCASTD_PRESENT(alias ".") " "

#define READ_WANTED(by_post) \
  "SELECT p.post_id, p.content_id, (SELECT m.message_id "        \
  "FROM messages m " by_post                                     \
  "WHERE m.channel_id = :originals_in "                          \
  "AND m.feed_id = p.feed_id AND m.post_id = p.post_id "         \
  IS_PRESENT("m")                                                \
  "AND m.state IN ('live', 'undeletable') "                      \
  "AND m.content_id = p.content_id) "                            \
  "FROM posts p WHERE p.feed_id = :feed_id "                     \
  "AND p.post_id > :after AND p.state = 'open' "                 \
  "AND (p.expire_time IS NULL OR p.expire_time > :as_of) "       \
  "AND p.client_id = COALESCE(:scope, p.client_id) "             \
  "ORDER BY p.feed_id, p.post_id LIMIT :most"
constexpr Sql kReadWanted{READ_WANTED(BY_POST), READ_WANTED("")};
#undef READ_WANTED

#define PLACED_COLUMNS \
  " m.post_id, m.message_id, m.content_id, m.state, m.post_time "
#define PLACED_IN_ORDER \
  "WHERE m.channel_id = :channel_id AND m.feed_id = :feed_id "   \
  "AND m.post_id > :after "                                      \
  IS_PRESENT("m")                                                \
  "AND m.client_id = COALESCE(:scope, m.client_id) "             \
  "ORDER BY m.channel_id, m.feed_id, m.post_id LIMIT :most"
#define READ_LEAVING(by_post) \
  "SELECT" PLACED_COLUMNS                                        \
  ", CASE WHEN p.state = 'open' AND (p.expire_time IS NULL "     \
  "OR p.expire_time > :as_of) THEN 1 ELSE 0 END, "               \
  "CASE WHEN EXISTS (SELECT 1 FROM messages t " by_post          \
  "WHERE t.channel_id = :moved_to "                              \
  "AND t.feed_id = m.feed_id AND t.post_id = m.post_id "         \
  IS_PRESENT("t")                                                \
  "AND t.state = 'live') THEN 1 ELSE 0 END "                     \
  "FROM messages m LEFT JOIN posts p ON p.post_id = m.post_id "  \
  PLACED_IN_ORDER
constexpr Sql kReadPlaced{"SELECT" PLACED_COLUMNS
                          "FROM messages m " PLACED_IN_ORDER};
constexpr Sql kReadLeaving{READ_LEAVING(BY_POST), READ_LEAVING("")};
#undef READ_LEAVING
#undef PLACED_IN_ORDER
#undef PLACED_COLUMNS
#undef IS_PRESENT
#undef BY_POST

#define SELECT_EXPIRED_SINCE                                   \
  "SELECT post_id FROM posts WHERE state = 'closed' "          \
  "AND close_reason = :close_reason AND expire_time > :as_of " \
  "AND client_id = COALESCE(:scope, client_id) AND post_id = "
const RowsSql kFindExpiredSince({{"post_id", "uuid"}},
                                SELECT_EXPIRED_SINCE ":post_id",
                                SELECT_EXPIRED_SINCE "ANY(:post_id::uuid[])");
#undef SELECT_EXPIRED_SINCE

constexpr Sql kIsFeedChannel{R"sql(
    SELECT 1 FROM feed_channels WHERE feed_id = :feed_id
      AND channel_id = :channel_id
      AND client_id = COALESCE(:scope, client_id))sql"};

constexpr Sql kReadChannelIds{R"sql(
    SELECT DISTINCT channel_id FROM feed_channels
    WHERE channel_id > :after ORDER BY channel_id LIMIT :most)sql"};

// By the index of its own rows, however many others have.
constexpr Sql kReadChannelIdsOfClient{R"sql(
    SELECT DISTINCT channel_id FROM feed_channels
    WHERE client_id = :scope AND channel_id > :after
    ORDER BY channel_id LIMIT :most)sql"};

#define SELECT_EXTERNAL_ID                  \
  "SELECT post_id, external_id FROM posts " \
  "WHERE client_id = COALESCE(:scope, client_id) AND post_id = "
const RowsSql kFindExternalIds({{"post_id", "uuid"}},
                               SELECT_EXTERNAL_ID ":post_id",
                               SELECT_EXTERNAL_ID "ANY(:post_id::uuid[])");
#undef SELECT_EXTERNAL_ID

constexpr Sql kLockStarts{"SELECT 1",
                          "SELECT 1 FROM pg_advisory_xact_lock(7246012)"};

}  // namespace

absl::StatusOr<std::vector<WantedRow>> ReadWanted(
    Transaction& transaction, const Scope& scope, const FeedPart& part,
    const std::optional<std::string>& originals_in) {
  std::vector<WantedRow> rows;
  RETURN_IF_ERROR(
      transaction.Query<WantedRow>(kReadWanted,
                                   {{"originals_in", originals_in},
                                    {"feed_id", part.feed_id},
                                    {"after", After(part.after_post_id)},
                                    {"as_of", part.as_of},
                                    {"scope", scope.client_id()},
                                    {"most", part.most}},
                                   [&](WantedRow row) {
                                     rows.push_back(std::move(row));
                                     return absl::OkStatus();
                                   }));
  return rows;
}

absl::StatusOr<std::vector<PlacedRow>> ReadPlaced(
    Transaction& transaction, const Scope& scope, const FeedPart& part,
    const std::string& channel_id) {
  std::vector<PlacedRow> rows;
  RETURN_IF_ERROR(
      transaction.Query<PlacedRow>(kReadPlaced,
                                   {{"channel_id", channel_id},
                                    {"feed_id", part.feed_id},
                                    {"after", After(part.after_post_id)},
                                    {"scope", scope.client_id()},
                                    {"most", part.most}},
                                   [&](PlacedRow row) {
                                     rows.push_back(std::move(row));
                                     return absl::OkStatus();
                                   }));
  return rows;
}

absl::StatusOr<std::vector<LeavingRow>> ReadLeaving(
    Transaction& transaction, const Scope& scope, const FeedPart& part,
    const std::string& channel_id, const std::optional<std::string>& moved_to) {
  std::vector<LeavingRow> rows;
  RETURN_IF_ERROR(
      transaction.Query<LeavingRow>(kReadLeaving,
                                    {{"as_of", part.as_of},
                                     {"moved_to", moved_to},
                                     {"channel_id", channel_id},
                                     {"feed_id", part.feed_id},
                                     {"after", After(part.after_post_id)},
                                     {"scope", scope.client_id()},
                                     {"most", part.most}},
                                    [&](LeavingRow row) {
                                      rows.push_back(std::move(row));
                                      return absl::OkStatus();
                                    }));
  return rows;
}

absl::StatusOr<std::set<std::string>> FindExpiredSince(
    Transaction& transaction, const Scope& scope, absl::Time as_of,
    absl::string_view close_reason, const std::vector<std::string>& post_ids) {
  std::vector<ValueRow> rows;
  rows.reserve(post_ids.size());
  for (const std::string& id : post_ids) rows.push_back({id});
  std::set<std::string> found;
  RETURN_IF_ERROR(transaction.QueryRows<std::tuple<std::string>>(
      kFindExpiredSince, rows,
      {{"close_reason", close_reason},
       {"as_of", as_of},
       {"scope", scope.client_id()}},
      [&](std::tuple<std::string> row) {
        found.insert(std::get<0>(std::move(row)));
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<bool> IsFeedChannel(Transaction& transaction, const Scope& scope,
                                   const std::string& feed_id,
                                   const std::string& channel_id) {
  ASSIGN_OR_RETURN(const auto found,
                   transaction.QueryOne<std::tuple<int64_t>>(
                       kIsFeedChannel, {{"feed_id", feed_id},
                                        {"channel_id", channel_id},
                                        {"scope", scope.client_id()}}));
  return found.has_value();
}

absl::StatusOr<std::vector<std::string>> ReadFeedChannelIds(
    Transaction& transaction, const Scope& scope,
    const std::string& after_channel_id, int64_t most) {
  std::vector<std::string> ids;
  const auto take = [&](std::tuple<std::string> row) {
    ids.push_back(std::get<0>(std::move(row)));
    return absl::OkStatus();
  };
  using Row = std::tuple<std::string>;
  const absl::string_view after = After(after_channel_id);
  RETURN_IF_ERROR(
      scope.client_id().has_value()
          ? transaction.Query<Row>(kReadChannelIdsOfClient,
                                   {{"scope", scope.client_id()},
                                    {"after", after},
                                    {"most", most}},
                                   take)
          : transaction.Query<Row>(kReadChannelIds,
                                   {{"after", after}, {"most", most}}, take));
  return ids;
}

absl::StatusOr<std::map<std::string, std::string>> FindExternalIds(
    Transaction& transaction, const Scope& scope,
    const std::vector<std::string>& post_ids) {
  std::vector<ValueRow> rows;
  rows.reserve(post_ids.size());
  for (const std::string& id : post_ids) rows.push_back({id});
  std::map<std::string, std::string> found;
  using Named = std::tuple<std::string, std::string>;
  RETURN_IF_ERROR(transaction.QueryRows<Named>(
      kFindExternalIds, rows, {{"scope", scope.client_id()}},
      [&](const Named& named) {
        found.emplace(std::get<0>(named), std::get<1>(named));
        return absl::OkStatus();
      }));
  return found;
}

absl::Status LockPlanStarts(Transaction& transaction) {
  return transaction.QueryOne<std::tuple<int64_t>>(kLockStarts, {}).status();
}

}  // namespace broadcast::storage
