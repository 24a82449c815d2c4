#include "storage/channel_pairs.h"

#include <set>
#include <tuple>

#include "storage/channel_removal.h"
#include "storage/clients.h"
#include "storage/columns.h"
#include "storage/present.h"
#include "storage/sql_error.h"

namespace broadcast::storage {

template <>
struct Columns<RegisteredPair> {
  template <typename V>
  static void Visit(V& v, RegisteredPair& pair) {
    v(pair.channel_pair_id);
    v(pair.client_id);
    v(pair.entry_id);
    v(pair.create_time);
  }
};

namespace {

#define SELECT_PAIR                                                 \
  "SELECT" BROADCASTD_PAIR_WITH_ENTRY_COLUMNS                       \
  "FROM channel_pairs p" BROADCASTD_PAIR_WITH_ENTRY_JOINS           \
  "WHERE c.delete_time IS NULL AND p.client_id = COALESCE(:scope, " \
  "p.client_id) "

constexpr Sql kFind{SELECT_PAIR "AND p.channel_pair_id = :channel_pair_id"};

constexpr Sql kFindByAddresses{
    SELECT_PAIR
    "AND po.client_id = :client_id AND po.platform = :open_platform "
    "AND po.address = :open_address AND pc.client_id = :client_id "
    "AND pc.platform = :closed_platform AND pc.address = :closed_address"};

#undef SELECT_PAIR

constexpr Sql kFindOfChannels{
    "SELECT p.channel_pair_id, p.client_id, e.entry_id, p.create_time "
    "FROM channel_pairs p "
    "LEFT JOIN entries e ON e.channel_pair_id = p.channel_pair_id "
    "WHERE p.open_channel_id = :open_id AND p.closed_channel_id = :closed_id "
    "AND p.client_id = COALESCE(:scope, p.client_id)"};

const InsertInto kInsert("channel_pairs",
                         {{"channel_pair_id", "uuid"},
                          {"client_id", "uuid"},
                          {"open_channel_id", "uuid"},
                          {"closed_channel_id", "uuid"},
                          {"create_time", "bigint"}},
                         "ON CONFLICT DO NOTHING");

// A feed is published to the channel `c`, or its posts are still there: it must
// not go, for its messages would be forgotten with it and posted once more.
#define OF_A_FEED(c)                                               \
  "(EXISTS (SELECT 1 FROM feed_channels f WHERE f.channel_id = " c \
  ") OR "                                                          \
  "EXISTS (SELECT 1 FROM messages m WHERE m.channel_id = " c       \
  " AND m.post_id IS NOT NULL AND " BROADCASTD_PRESENT("m.") "))"

// Of the pair's channels those that no other pair has, and no feed.
constexpr Sql kFindOwnChannels{R"sql(
    SELECT t.channel_id FROM channel_pairs o
    JOIN channels t
      ON t.channel_id IN (o.open_channel_id, o.closed_channel_id)
    WHERE o.channel_pair_id = :channel_pair_id
      AND NOT EXISTS (SELECT 1 FROM channel_pairs p
        WHERE p.open_channel_id = t.channel_id
          AND p.channel_pair_id <> o.channel_pair_id)
      AND NOT EXISTS (SELECT 1 FROM channel_pairs p
        WHERE p.closed_channel_id = t.channel_id
          AND p.channel_pair_id <> o.channel_pair_id)
      AND NOT )sql" OF_A_FEED("t.channel_id")};

constexpr Sql kDeleteEntry{
    "DELETE FROM entries WHERE channel_pair_id = :channel_pair_id"};
constexpr Sql kDelete{
    "DELETE FROM channel_pairs WHERE channel_pair_id = :channel_pair_id"};
constexpr Sql kDeleteUnusedChannel{
    "DELETE FROM channels WHERE channel_id = :channel_id AND NOT EXISTS "
    "(SELECT 1 FROM channel_pairs WHERE open_channel_id = :channel_id "
    "OR closed_channel_id = :channel_id) AND NOT " OF_A_FEED(":channel_id")};
#undef OF_A_FEED

// What waits for channels that go with the pair ends, before the entry and the
// channels are taken: who sends takes operations first.
absl::Status EndDeliveries(Transaction& transaction,
                           const std::string& channel_pair_id) {
  std::set<std::string> channel_ids;
  RETURN_IF_ERROR(transaction.Query<std::tuple<std::string>>(
      kFindOwnChannels, {{"channel_pair_id", channel_pair_id}},
      [&](std::tuple<std::string> row) {
        channel_ids.insert(std::get<0>(std::move(row)));
        return absl::OkStatus();
      }));
  return EndDeliveriesTo(transaction, channel_ids);
}

PairIds IdsOf(const PairWithEntry& found) {
  const ChannelPair& pair = found.channel_pair;
  PairIds ids{.channel_pair_id = pair.channel_pair_id,
              .client_id = pair.client_id,
              .open_channel_id = pair.open_channel.channel_id,
              .closed_channel_id = pair.closed_channel.channel_id};
  if (found.entry.has_value()) ids.entry_id = found.entry->entry_id;
  return ids;
}

}  // namespace

absl::StatusOr<std::optional<PairWithEntry>> FindPair(
    Transaction& transaction, const Scope& scope,
    const std::string& channel_pair_id) {
  return transaction.QueryOne<PairWithEntry>(
      kFind,
      {{"scope", scope.client_id()}, {"channel_pair_id", channel_pair_id}});
}

absl::StatusOr<std::optional<RegisteredPair>> FindPairOfChannels(
    Transaction& transaction, const Scope& scope,
    const std::string& open_channel_id, const std::string& closed_channel_id) {
  return transaction.QueryOne<RegisteredPair>(kFindOfChannels,
                                              {{"open_id", open_channel_id},
                                               {"closed_id", closed_channel_id},
                                               {"scope", scope.client_id()}});
}

absl::StatusOr<std::optional<PairWithEntry>> FindPairByAddresses(
    Transaction& transaction, const Scope& scope,
    const PairAddresses& addresses) {
  return transaction.QueryOne<PairWithEntry>(
      kFindByAddresses, {{"scope", scope.client_id()},
                         {"client_id", addresses.client_id},
                         {"open_platform", ToText(addresses.open_platform)},
                         {"open_address", addresses.open_address},
                         {"closed_platform", ToText(addresses.closed_platform)},
                         {"closed_address", addresses.closed_address}});
}

absl::StatusOr<int64_t> InsertPairs(
    Transaction& transaction, const Scope& scope,
    absl::Span<const ChannelPair* const> pairs) {
  std::vector<ValueRow> rows;
  rows.reserve(pairs.size());
  for (const ChannelPair* pair : pairs) {
    RETURN_IF_ERROR(scope.Admit(pair->client_id));
    rows.push_back({pair->channel_pair_id, pair->client_id,
                    pair->open_channel.channel_id,
                    pair->closed_channel.channel_id, pair->create_time});
  }
  return transaction.InsertRows(kInsert, rows);
}

absl::StatusOr<std::optional<DeletedPair>> DeletePair(
    Transaction& transaction, const Scope& scope,
    const std::string& channel_pair_id) {
  ASSIGN_OR_RETURN(const auto found,
                   FindPair(transaction, scope, channel_pair_id));
  if (!found.has_value()) return std::optional<DeletedPair>();
  const ChannelPair& pair = found->channel_pair;
  DeletedPair gone{.ids = IdsOf(*found)};
  Deleted& deleted = gone.counts;
  // The client's row first, as everywhere: two deletions never wait crosswise.
  RETURN_IF_ERROR(RemovePairs(transaction, scope, pair.client_id, 1).status());
  RETURN_IF_ERROR(EndDeliveries(transaction, channel_pair_id));
  ASSIGN_OR_RETURN(deleted.entries,
                   transaction.Execute(kDeleteEntry,
                                       {{"channel_pair_id", channel_pair_id}}));
  ASSIGN_OR_RETURN(
      deleted.channel_pairs,
      transaction.Execute(kDelete, {{"channel_pair_id", channel_pair_id}}));
  // Another transaction deleted it between our read and our lock.
  if (deleted.channel_pairs == 0) return RunAgain();
  for (const Channel* channel : {&pair.open_channel, &pair.closed_channel}) {
    ASSIGN_OR_RETURN(
        const int64_t channels,
        transaction.Execute(kDeleteUnusedChannel,
                            {{"channel_id", channel->channel_id}}));
    deleted.channels += channels;
  }
  return std::optional<DeletedPair>(std::move(gone));
}

}  // namespace broadcast::storage
