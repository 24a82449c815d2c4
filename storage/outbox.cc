#include "storage/outbox.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace broadcast::storage {
namespace {

struct DueChannel {
  WaitingChannel channel;
  int64_t group = 0;
};

}  // namespace

template <>
struct Columns<DueChannel> {
  template <typename V>
  static void Visit(V& v, DueChannel& due) {
    v(due.channel.channel_id);
    v(due.channel.client_id);
    v(due.group);
  }
};

template <>
struct Columns<LaneBacklog> {
  template <typename V>
  static void Visit(V& v, LaneBacklog& backlog) {
    v(backlog.lane_id);
    v(backlog.account);
    v(backlog.waiting);
    v(backlog.sending);
    v(backlog.oldest);
  }
};

namespace {

// How many clients one call looks at who have nothing due.
constexpr int64_t kMostClients = 500;
constexpr int64_t kSpareRows = 100;

// Names of chats stand for groups as well. Looked up: joined, all channels
// might be read.
#define IS_GROUP                                                 \
  "COALESCE((SELECT CASE WHEN c.platform = 'telegram' "          \
  "AND substr(c.address, 1, 1) IN ('-', '@') THEN 1 ELSE 0 END " \
  "FROM channels c WHERE c.channel_id = q.channel_id), 0)"

constexpr Sql kDue{
    "SELECT q.channel_id, q.client_id, " IS_GROUP
    " FROM (SELECT channel_id, client_id, not_before FROM channel_queues "
    "WHERE lane_id = :lane_id AND waiting > 0 AND busy = 0 "
    "AND not_before <= :now ORDER BY not_before, client_id, channel_id "
    "LIMIT :most) q ORDER BY q.not_before, q.client_id, q.channel_id"};

constexpr Sql kCountDue{R"sql(
    SELECT count(*) FROM (SELECT 1 FROM channel_queues
      WHERE lane_id = :lane_id AND waiting > 0 AND busy = 0
        AND not_before <= :now ORDER BY not_before LIMIT :most) AS due)sql"};

constexpr Sql kNextTime{R"sql(
    SELECT not_before FROM channel_queues
    WHERE lane_id = :lane_id AND waiting > 0 AND busy = 0
      AND not_before > :now
    ORDER BY not_before LIMIT 1)sql"};

// SQLite goes from client to client in C++, which costs it nothing.
constexpr Sql kNextClient{R"sql(
    SELECT client_id FROM channel_queues
    WHERE lane_id = :lane_id AND waiting > 0 AND busy = 0
      AND client_id > :after
    ORDER BY client_id LIMIT 1)sql"};
constexpr Sql kDueOfClient{
    "SELECT q.channel_id, q.client_id, " IS_GROUP
    " FROM channel_queues q WHERE q.lane_id = :lane_id "
    "AND q.client_id = :client_id AND q.waiting > 0 AND q.busy = 0 "
    "AND q.not_before <= :now "
    "ORDER BY q.not_before, q.channel_id LIMIT :most"};

// The same in one statement. A client with nothing due has one row too.
constexpr Sql kRound{
    "",
    "WITH RECURSIVE c AS ("
    "(SELECT client_id, 1 AS number FROM channel_queues "
    "WHERE lane_id = :lane_id AND waiting > 0 AND busy = 0 "
    "AND client_id > :after ORDER BY client_id LIMIT 1) "
    "UNION ALL SELECT (SELECT q.client_id FROM channel_queues q "
    "WHERE q.lane_id = :lane_id AND q.waiting > 0 AND q.busy = 0 "
    "AND q.client_id > c.client_id ORDER BY q.client_id LIMIT 1), "
    "c.number + 1 FROM c WHERE c.client_id IS NOT NULL "
    "AND c.number < :clients) "
    "SELECT q.channel_id, c.client_id, " IS_GROUP
    " FROM c LEFT JOIN LATERAL (SELECT d.channel_id FROM channel_queues d "
    "WHERE d.lane_id = :lane_id AND d.client_id = c.client_id "
    "AND d.waiting > 0 AND d.busy = 0 AND d.not_before <= :now "
    "ORDER BY d.not_before, d.channel_id LIMIT :per_client) q ON true "
    "WHERE c.client_id IS NOT NULL LIMIT :most"};
#undef IS_GROUP

// A few thousand channels at a time wait, or all there are.
constexpr Sql kBacklog{R"sql(
    SELECT l.lane_id, l.account, COALESCE(b.waiting, 0),
      COALESCE(b.sending, 0),
      (SELECT q.not_before FROM channel_queues q
       WHERE q.lane_id = l.lane_id AND q.waiting > 0 AND q.busy = 0
         AND q.not_before <= :now ORDER BY q.not_before LIMIT 1)
    FROM lanes l LEFT JOIN (
      SELECT lane_id, CAST(sum(waiting) AS BIGINT) AS waiting,
        CAST(sum(busy) AS BIGINT) AS sending
      FROM channel_queues GROUP BY lane_id) b ON b.lane_id = l.lane_id
    ORDER BY l.lane_id)sql"};

constexpr Sql kCountUnknown{
    "SELECT count(*) FROM results WHERE state = 'unknown'"};

// A queue that is not there yet may be about to be made, for the lane before.
constexpr Sql kMove{R"sql(
    INSERT INTO channel_queues (channel_id, client_id, lane_id, waiting, busy,
      not_before, paused_until, last_sequence)
    SELECT channel_id, client_id, :lane_id, 0, 0, 0, 0, 0 FROM channels
    WHERE channel_id = :channel_id
    ON CONFLICT (channel_id) DO UPDATE SET lane_id = excluded.lane_id)sql"};

constexpr absl::string_view kBeforeAll = "00000000-0000-0000-0000-000000000000";

// Finds whose turn it is in one lane.
class WaitingSearch {
 public:
  WaitingSearch(Transaction& transaction, const std::string& lane_id,
                int64_t per_client, int64_t most)
      : transaction_(transaction),
        lane_id_(lane_id),
        per_client_(per_client),
        most_(most),
        now_(transaction.now()) {}

  // If little is due, all of it, those of clients after `after` first. False
  // if it is more.
  absl::StatusOr<bool> FindAll(const std::string& after) {
    ASSIGN_OR_RETURN(
        const auto count,
        transaction_.QueryOne<std::tuple<int64_t>>(
            kCountDue,
            {{"lane_id", lane_id_}, {"now", now_}, {"most", most_ + 1}}));
    if (std::get<0>(*count) > most_) return false;
    if (std::get<0>(*count) == 0) return true;
    std::vector<WaitingChannel> due;
    RETURN_IF_ERROR(transaction_.Query<DueChannel>(
        kDue, {{"lane_id", lane_id_}, {"now", now_}, {"most", most_}},
        [&](DueChannel found) {
          due.push_back(Take(std::move(found)));
          return absl::OkStatus();
        }));
    std::stable_sort(due.begin(), due.end(),
                     [&](const WaitingChannel& a, const WaitingChannel& b) {
                       return std::pair(a.client_id <= after,
                                        absl::string_view(a.client_id)) <
                              std::pair(b.client_id <= after,
                                        absl::string_view(b.client_id));
                     });
    absl::string_view client;
    int64_t of_client = 0;
    for (WaitingChannel& channel : due) {
      if (channel.client_id != client) of_client = 0;
      client = channel.client_id;
      if (of_client++ < per_client_) page_.channels.push_back(channel);
    }
    return true;
  }

  // Goes on round the clients.
  absl::Status FindSome(const std::string& after) {
    const std::string from = after.empty() ? std::string(kBeforeAll) : after;
    return transaction_.backend() == Backend::kSqlite ? Walk(from) : Ask(from);
  }

  absl::StatusOr<WaitingPage> Finish() {
    ASSIGN_OR_RETURN(const auto next,
                     transaction_.QueryOne<std::tuple<absl::Time>>(
                         kNextTime, {{"lane_id", lane_id_}, {"now", now_}}));
    if (next.has_value()) page_.next_time = std::get<0>(*next);
    return std::move(page_);
  }

  bool nothing() const {
    return page_.channels.empty() && page_.next_client.empty();
  }

 private:
  static WaitingChannel Take(DueChannel found) {
    found.channel.group = found.group != 0;
    return std::move(found.channel);
  }

  int64_t room() const {
    return most_ - static_cast<int64_t>(page_.channels.size());
  }

  absl::Status Walk(std::string after) {
    for (int64_t clients = 0; room() > 0 && clients < kMostClients; ++clients) {
      ASSIGN_OR_RETURN(
          const auto next,
          transaction_.QueryOne<std::tuple<std::string>>(
              kNextClient, {{"lane_id", lane_id_}, {"after", after}}));
      if (!next.has_value()) return absl::OkStatus();
      after = std::get<0>(*next);
      RETURN_IF_ERROR(transaction_.Query<DueChannel>(
          kDueOfClient,
          {{"lane_id", lane_id_},
           {"client_id", after},
           {"now", now_},
           {"most", std::min(per_client_, room())}},
          [&](DueChannel found) {
            page_.channels.push_back(Take(std::move(found)));
            return absl::OkStatus();
          }));
    }
    page_.next_client = after;
    return absl::OkStatus();
  }

  absl::Status Ask(const std::string& after) {
    using Found = std::tuple<std::optional<std::string>, std::string, int64_t>;
    // Every client with nothing due takes a row as well.
    const int64_t limit = most_ + kSpareRows;
    int64_t rows = 0;
    int64_t clients = 0;
    std::string last;
    RETURN_IF_ERROR(transaction_.Query<Found>(
        kRound,
        {{"lane_id", lane_id_},
         {"after", after},
         {"clients", kMostClients},
         {"now", now_},
         {"per_client", per_client_},
         {"most", limit}},
        [&](const Found& found) {
          const auto& [channel_id, client_id, group] = found;
          if (room() == 0) return absl::OkStatus();
          ++rows;
          if (client_id != last) ++clients;
          last = client_id;
          if (channel_id.has_value()) {
            page_.channels.push_back({.channel_id = *channel_id,
                                      .client_id = client_id,
                                      .group = group != 0});
          }
          return absl::OkStatus();
        }));
    const bool through = room() > 0 && clients < kMostClients && rows < limit;
    if (!through) page_.next_client = last;
    return absl::OkStatus();
  }

  Transaction& transaction_;
  const std::string& lane_id_;
  const int64_t per_client_;
  const int64_t most_;
  const absl::Time now_;
  WaitingPage page_;
};

}  // namespace

absl::StatusOr<WaitingPage> FindWaiting(Transaction& transaction,
                                        const std::string& lane_id,
                                        const std::string& after_client,
                                        int64_t per_client, int64_t most) {
  WaitingSearch search(transaction, lane_id, per_client, most);
  ASSIGN_OR_RETURN(const bool all, search.FindAll(after_client));
  if (!all) {
    RETURN_IF_ERROR(search.FindSome(after_client));
    // The round is over, and begins anew.
    if (search.nothing() && !after_client.empty()) {
      RETURN_IF_ERROR(search.FindSome(""));
    }
  }
  return search.Finish();
}

absl::StatusOr<std::vector<LaneBacklog>> ReadBacklog(Transaction& transaction) {
  std::vector<LaneBacklog> lanes;
  RETURN_IF_ERROR(transaction.Query<LaneBacklog>(
      kBacklog, {{"now", transaction.now()}}, [&](LaneBacklog lane) {
        lanes.push_back(std::move(lane));
        return absl::OkStatus();
      }));
  return lanes;
}

absl::StatusOr<int64_t> CountUnknown(Transaction& transaction) {
  ASSIGN_OR_RETURN(const auto count, transaction.QueryOne<std::tuple<int64_t>>(
                                         kCountUnknown, {}));
  return std::get<0>(count.value_or(std::tuple<int64_t>(0)));
}

absl::Status MoveChannelQueue(Transaction& transaction,
                              const std::string& channel_id,
                              const std::string& lane_id) {
  return transaction
      .Execute(kMove, {{"lane_id", lane_id}, {"channel_id", channel_id}})
      .status();
}

}  // namespace broadcast::storage
