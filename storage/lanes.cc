#include "storage/lanes.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace broadcast::storage {

template <>
struct Columns<Lane> {
  template <typename V>
  static void Visit(V& v, Lane& lane) {
    v(lane.lane_id);
    v(lane.account);
    v(lane.owner);
    v(lane.epoch);
    v(lane.lease_until);
    v(lane.paused_until);
    v(lane.pause_reason);
  }
};

template <>
struct Columns<RecentSend> {
  template <typename V>
  static void Visit(V& v, RecentSend& send) {
    v(send.channel_id);
    v(send.intent_time);
  }
};

namespace {

const InsertInto kInsert("lanes",
                         {{"lane_id", "text"},
                          {"account", "text"},
                          {"epoch", "bigint"},
                          {"lease_until", "bigint"},
                          {"paused_until", "bigint"},
                          {"pause_reason", "text"}},
                         "ON CONFLICT DO NOTHING");

constexpr Sql kList{
    "SELECT lane_id, account, owner, epoch, lease_until, paused_until, "
    "pause_reason FROM lanes ORDER BY lane_id"};

// Waits for the intents that are being recorded by the owner before.
constexpr Sql kTake{R"sql(
    UPDATE lanes SET owner = :owner, epoch = epoch + 1, lease_until = :until
    WHERE lane_id = :lane_id AND (owner IS NULL OR owner = :owner
      OR lease_until <= :now OR :forced = 1)
    RETURNING epoch)sql"};

const RowsSql kRenew({{"lane_id", "text"},
                      {"owner", "text"},
                      {"epoch", "bigint"}},
                     R"sql(
    UPDATE lanes SET lease_until = :until
    WHERE lane_id = :lane_id AND owner = :owner AND epoch = :epoch
      AND lease_until > :now
    RETURNING lane_id)sql",
                     R"sql(
    UPDATE lanes l SET lease_until = :until
    FROM (SELECT l.lane_id FROM @rows
          JOIN lanes l ON l.lane_id = x.lane_id AND l.owner = x.owner
            AND l.epoch = x.epoch
          WHERE l.lease_until > :now
          ORDER BY l.lane_id FOR UPDATE OF l) held
    WHERE l.lane_id = held.lane_id
    RETURNING l.lane_id)sql");

// Who takes the lane over waits for those who hold its row.
#define SELECT_CLAIM                                                     \
  "SELECT epoch FROM lanes WHERE lane_id = :lane_id AND owner = :owner " \
  "AND epoch = :epoch AND lease_until > :now"
constexpr Sql kHold{SELECT_CLAIM, SELECT_CLAIM " FOR SHARE"};
#undef SELECT_CLAIM

constexpr Sql kRelease{R"sql(
    UPDATE lanes SET owner = NULL, lease_until = 0
    WHERE lane_id = :lane_id AND owner = :owner AND epoch = :epoch)sql"};

constexpr Sql kPause{R"sql(
    UPDATE lanes SET paused_until = :until, pause_reason = :reason
    WHERE lane_id = :lane_id AND paused_until < :until)sql"};

constexpr Sql kAnnounce{R"sql(
    INSERT INTO lane_owners (owner, alive_until) VALUES (:owner, :until)
    ON CONFLICT (owner) DO UPDATE SET alive_until = excluded.alive_until)sql"};

// Another replica may forget the same ones.
constexpr Sql kForgetOwners{
    "DELETE FROM lane_owners WHERE alive_until <= :before",
    "DELETE FROM lane_owners WHERE ctid = ANY(ARRAY("
    "SELECT ctid FROM lane_owners WHERE alive_until <= :before "
    "FOR UPDATE SKIP LOCKED))"};

constexpr Sql kLeave{"DELETE FROM lane_owners WHERE owner = :owner"};

constexpr Sql kCountOwners{R"sql(
    SELECT count(*) FROM (
      SELECT owner FROM lanes WHERE lease_until > :now
      UNION SELECT owner FROM lane_owners WHERE alive_until > :now
    ) AS owners)sql"};

// Nothing was intended after it was finished. The lane is looked up for each
// row of the time, also those of other lanes: to stop earlier would be to know
// of fewer sends than there were, and limits would not hold. Joined, whole
// tables might be read. Each half of the results has an index by time.
#define ENDED_IN_LANE(table)                                     \
  "SELECT (SELECT channel_id FROM deliveries d"                  \
  "        WHERE d.delivery_id = t.delivery_id) AS channel_id,"  \
  "  t.intent_time FROM " table                                  \
  " t WHERE t.finish_time >= :since AND t.intent_time >= :since" \
  " AND :lane_id = (SELECT q.lane_id FROM channel_queues q"      \
  "  WHERE q.channel_id = (SELECT channel_id FROM deliveries d"  \
  "                        WHERE d.delivery_id = t.delivery_id))"
constexpr Sql kRecentSends{
    "SELECT channel_id, intent_time FROM ("
    "  SELECT channel_id, intent_time FROM inflight"
    "  WHERE lane_id = :lane_id AND intent_time >= :since"
    "  UNION ALL " ENDED_IN_LANE("results") " AND t.state <> 'unknown'"
    "  UNION ALL " ENDED_IN_LANE("results") " AND t.state = 'unknown'"
    "  UNION ALL " ENDED_IN_LANE("attempts") ") AS sends ORDER BY intent_time DESC LIMIT :most"};
#undef ENDED_IN_LANE

}  // namespace

absl::Status EnsureLanes(Transaction& transaction,
                         absl::Span<const NewLane> lanes) {
  std::vector<NewLane> sorted(lanes.begin(), lanes.end());
  std::sort(
      sorted.begin(), sorted.end(),
      [](const NewLane& a, const NewLane& b) { return a.lane_id < b.lane_id; });
  std::vector<ValueRow> rows;
  rows.reserve(sorted.size());
  for (const NewLane& lane : sorted) {
    rows.push_back({lane.lane_id, lane.account, 0, 0, 0, ""});
  }
  return transaction.InsertRows(kInsert, rows).status();
}

absl::StatusOr<std::vector<Lane>> ListLanes(Transaction& transaction) {
  std::vector<Lane> lanes;
  RETURN_IF_ERROR(transaction.Query<Lane>(kList, {}, [&](Lane lane) {
    lanes.push_back(std::move(lane));
    return absl::OkStatus();
  }));
  return lanes;
}

absl::StatusOr<std::optional<LaneClaim>> TakeLane(Transaction& transaction,
                                                  const std::string& lane_id,
                                                  const std::string& owner,
                                                  absl::Duration lease,
                                                  bool forced) {
  const absl::Time now = transaction.now();
  ASSIGN_OR_RETURN(const auto epoch, transaction.QueryOne<std::tuple<int64_t>>(
                                         kTake, {{"owner", owner},
                                                 {"until", now + lease},
                                                 {"lane_id", lane_id},
                                                 {"now", now},
                                                 {"forced", forced ? 1 : 0}}));
  if (!epoch.has_value()) return std::optional<LaneClaim>();
  return std::optional<LaneClaim>(LaneClaim{
      .lane_id = lane_id, .owner = owner, .epoch = std::get<0>(*epoch)});
}

absl::StatusOr<std::vector<std::string>> RenewLanes(
    Transaction& transaction, absl::Span<const LaneClaim> claims,
    absl::Duration lease) {
  const absl::Time now = transaction.now();
  std::vector<ValueRow> rows;
  rows.reserve(claims.size());
  for (const LaneClaim& claim : claims) {
    rows.push_back({claim.lane_id, claim.owner, claim.epoch});
  }
  std::vector<std::string> held;
  RETURN_IF_ERROR(transaction.QueryRows<std::tuple<std::string>>(
      kRenew, rows, {{"until", now + lease}, {"now", now}},
      [&](std::tuple<std::string> lane) {
        held.push_back(std::get<0>(std::move(lane)));
        return absl::OkStatus();
      }));
  return held;
}

absl::Status ReleaseLane(Transaction& transaction, const LaneClaim& claim) {
  return transaction
      .Execute(kRelease, {{"lane_id", claim.lane_id},
                          {"owner", claim.owner},
                          {"epoch", claim.epoch}})
      .status();
}

absl::StatusOr<bool> HoldsLane(Transaction& transaction,
                               const LaneClaim& claim) {
  ASSIGN_OR_RETURN(const auto held, transaction.QueryOne<std::tuple<int64_t>>(
                                        kHold, {{"lane_id", claim.lane_id},
                                                {"owner", claim.owner},
                                                {"epoch", claim.epoch},
                                                {"now", transaction.now()}}));
  return held.has_value();
}

absl::Status PauseLane(Transaction& transaction, const std::string& lane_id,
                       absl::Time until, const std::string& reason) {
  return transaction
      .Execute(kPause,
               {{"until", until}, {"reason", reason}, {"lane_id", lane_id}})
      .status();
}

absl::Status AnnounceOwner(Transaction& transaction, const std::string& owner,
                           absl::Duration lease) {
  const absl::Time now = transaction.now();
  RETURN_IF_ERROR(
      transaction.Execute(kAnnounce, {{"owner", owner}, {"until", now + lease}})
          .status());
  return transaction.Execute(kForgetOwners, {{"before", now - absl::Hours(1)}})
      .status();
}

absl::Status ForgetOwner(Transaction& transaction, const std::string& owner) {
  return transaction.Execute(kLeave, {{"owner", owner}}).status();
}

absl::StatusOr<int64_t> CountOwners(Transaction& transaction) {
  ASSIGN_OR_RETURN(const auto count,
                   transaction.QueryOne<std::tuple<int64_t>>(
                       kCountOwners, {{"now", transaction.now()}}));
  return std::get<0>(count.value_or(std::tuple<int64_t>(0)));
}

absl::StatusOr<std::vector<RecentSend>> RecentSends(Transaction& transaction,
                                                    const std::string& lane_id,
                                                    absl::Time since,
                                                    int64_t most) {
  std::vector<RecentSend> sends;
  RETURN_IF_ERROR(transaction.Query<RecentSend>(
      kRecentSends, {{"lane_id", lane_id}, {"since", since}, {"most", most}},
      [&](RecentSend send) {
        sends.push_back(std::move(send));
        return absl::OkStatus();
      }));
  return sends;
}

}  // namespace broadcast::storage
