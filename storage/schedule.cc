#include "storage/schedule.h"

#include <tuple>
#include <utility>

#include "storage/columns.h"

namespace broadcast::storage {

template <>
struct Columns<SchedulerState> {
  template <typename V>
  static void Visit(V& v, SchedulerState& state) {
    v(state.pause_time);
    v(state.pause_reason);
  }
};

template <>
struct Columns<DueEntry> {
  template <typename V>
  static void Visit(V& v, DueEntry& entry) {
    v(entry.entry_id);
    v(entry.client_id);
    v(entry.open_channel_id);
    v(entry.open_account);
    v(entry.open_platform);
    v(entry.closed_channel_id);
    v(entry.closed_account);
    v(entry.closed_platform);
    v(entry.open_state);
    v(entry.closed_state);
    v(entry.interval);
    v(entry.next_send_time);
    v(entry.occurrence_count);
    v(entry.open_content_id);
    v(entry.closed_content_id);
    v(entry.current_operation_id);
  }
};

namespace {

constexpr Sql kFindState{"SELECT pause_time, pause_reason FROM scheduler"};
constexpr Sql kPause{
    "UPDATE scheduler SET pause_time = COALESCE(pause_time, :now), "
    "pause_reason = :reason"};
constexpr Sql kResume{
    "UPDATE scheduler SET pause_time = NULL, pause_reason = ''"};

constexpr Sql kFindNextSync{"SELECT next_sync_time FROM scheduler"};
constexpr Sql kMoveNextSync{
    "UPDATE scheduler SET next_sync_time = :next "
    "WHERE next_sync_time IS NOT DISTINCT FROM :seen"};

// A scalar subquery, so that the index over what is due stays the way in.
#define CLIENT_OF(alias, column) \
  "(SELECT o." column            \
  " FROM clients o "             \
  "WHERE o.client_id = " alias ".client_id)"

constexpr Sql kFindNextDue{
    "SELECT e.next_send_time FROM entries e WHERE e.state = 'active' "
    "AND " CLIENT_OF("e", "delete_time") " IS NULL "
    "ORDER BY e.next_send_time, e.entry_id LIMIT 1"};

// The entries `d`, read by their own index before anything is joined.
#define SELECT_DUE                                                          \
  "SELECT d.entry_id, d.client_id, po.channel_id, po.account, po.platform," \
  " pc.channel_id, pc.account, pc.platform, po.state, pc.state,"            \
  " d.interval_us,"                                                         \
  " d.next_send_time, d.occurrence_count,"                                  \
  " COALESCE(d.open_content_id, c.default_open_content_id),"                \
  " COALESCE(d.closed_content_id, c.default_closed_content_id),"            \
  " d.current_operation_id FROM "
#define DUE_JOINS                                                    \
  " d JOIN channel_pairs p ON p.channel_pair_id = d.channel_pair_id" \
  " JOIN channels po ON po.channel_id = p.open_channel_id"           \
  " JOIN channels pc ON pc.channel_id = p.closed_channel_id"         \
  " JOIN clients c ON c.client_id = d.client_id "

#define DUE \
  "(SELECT * FROM entries e WHERE e.state = 'active' " \
  "AND e.next_send_time <= :now "                      \
  "AND " CLIENT_OF("e", "delete_time") " IS NULL "     \
  "ORDER BY e.next_send_time, e.entry_id LIMIT :most"
#define IN_ORDER "ORDER BY d.next_send_time, d.entry_id"
constexpr Sql kFindDue{SELECT_DUE DUE ")" DUE_JOINS IN_ORDER, SELECT_DUE DUE
                       " FOR NO KEY UPDATE SKIP LOCKED)" DUE_JOINS IN_ORDER};
#undef IN_ORDER
#undef DUE

// PostgreSQL, when its statistics are from before so much was due, takes it for
// few rows and would sort all of them for each batch: 190 ms instead of 8 with
// 100,000 due. By the index they come in order.
constexpr Sql kByIndex{"SET LOCAL enable_bitmapscan = off"};
constexpr Sql kByAnyMeans{"SET LOCAL enable_bitmapscan = on"};
#undef DUE_JOINS
#undef SELECT_DUE

#undef CLIENT_OF

// No operation: the firing is skipped. Two replicas that have seen the same do
// not both change it.
#define ADVANCE(operation_id, occurrence, next, reason)                     \
  "UPDATE entries AS e SET next_send_time = " next                          \
  ", occurrence_count = CASE WHEN " operation_id                            \
  " IS NULL THEN e.occurrence_count ELSE " occurrence                       \
  " END, current_operation_id = COALESCE(" operation_id                     \
  ", e.current_operation_id), last_send_time = CASE WHEN " operation_id     \
  " IS NULL THEN e.last_send_time ELSE :now END"                            \
  ", last_outcome = CASE WHEN " operation_id                                \
  " IS NULL THEN e.last_outcome ELSE 'sending' END"                         \
  ", last_error = CASE WHEN " reason " = '' THEN e.last_error ELSE " reason \
  " END, last_error_time = CASE WHEN " reason                               \
  " = '' THEN e.last_error_time ELSE :now END "
#define STILL_DUE(entry_id, seen, operation_id)                  \
  "WHERE e.entry_id = " entry_id " AND e.next_send_time = " seen \
  " AND e.next_send_time <= :now AND e.state = 'active'"         \
  " AND (" operation_id " IS NULL OR e.current_operation_id IS NULL)"
const RowsSql kAdvance(
    {{"entry_id", "uuid"},
     {"seen", "bigint"},
     {"next", "bigint"},
     {"operation_id", "uuid"},
     {"occurrence", "bigint"},
     {"reason", "text"}},
    ADVANCE(":operation_id", ":occurrence", ":next", ":reason")
        STILL_DUE(":entry_id", ":seen", ":operation_id"),
    ADVANCE("x.operation_id", "x.occurrence", "x.next", "x.reason")
    "FROM @rows " STILL_DUE("x.entry_id", "x.seen", "x.operation_id")
    " RETURNING e.entry_id");
#undef STILL_DUE
#undef ADVANCE

// What lies further ahead than a cool-down reaches was written by a clock that
// has been set back since: it binds nobody.
constexpr absl::Duration kClockSlack = absl::Minutes(1);
constexpr Sql kStartTrigger{R"sql(
    UPDATE entries SET current_operation_id = :operation_id,
      last_outcome = 'sending', last_send_time = :now,
      last_trigger_time = :now, next_trigger_time = :next,
      occurrence_count = occurrence_count + 1,
      manual_trigger_count = manual_trigger_count + 1
    WHERE entry_id = :entry_id AND state = 'active'
      AND current_operation_id IS NULL
      AND (next_trigger_time IS NULL OR next_trigger_time <= :now
        OR next_trigger_time > :implausible)
      AND client_id = COALESCE(:scope, client_id)
      AND (SELECT c.delete_time FROM clients c
           WHERE c.client_id = entries.client_id) IS NULL)sql"};

}  // namespace

absl::StatusOr<SchedulerState> FindSchedulerState(Transaction& transaction) {
  ASSIGN_OR_RETURN(auto found,
                   transaction.QueryOne<SchedulerState>(kFindState, {}));
  return std::move(found).value_or(SchedulerState());
}

absl::StatusOr<SchedulerState> PauseScheduler(Transaction& transaction,
                                              const std::string& reason) {
  RETURN_IF_ERROR(
      transaction
          .Execute(kPause, {{"now", transaction.now()}, {"reason", reason}})
          .status());
  return FindSchedulerState(transaction);
}

absl::StatusOr<SchedulerState> ResumeScheduler(Transaction& transaction) {
  RETURN_IF_ERROR(transaction.Execute(kResume).status());
  return SchedulerState();
}

absl::StatusOr<std::optional<absl::Time>> FindNextSync(
    Transaction& transaction) {
  ASSIGN_OR_RETURN(const auto found,
                   transaction.QueryOne<std::tuple<std::optional<absl::Time>>>(
                       kFindNextSync, {}));
  std::optional<absl::Time> next;
  if (found.has_value()) next = std::get<0>(*found);
  return next;
}

absl::StatusOr<bool> MoveNextSync(Transaction& transaction,
                                  std::optional<absl::Time> seen,
                                  absl::Time next) {
  ASSIGN_OR_RETURN(
      const int64_t moved,
      transaction.Execute(kMoveNextSync, {{"next", next}, {"seen", seen}}));
  return moved > 0;
}

absl::StatusOr<std::optional<absl::Time>> FindNextDue(
    Transaction& transaction) {
  ASSIGN_OR_RETURN(
      const auto found,
      transaction.QueryOne<std::tuple<absl::Time>>(kFindNextDue, {}));
  std::optional<absl::Time> next;
  if (found.has_value()) next = std::get<0>(*found);
  return next;
}

absl::StatusOr<std::vector<DueEntry>> FindDue(Transaction& transaction,
                                              int64_t most) {
  const bool postgres = transaction.backend() == Backend::kPostgres;
  if (postgres) RETURN_IF_ERROR(transaction.Execute(kByIndex).status());
  std::vector<DueEntry> due;
  RETURN_IF_ERROR(transaction.Query<DueEntry>(
      kFindDue, {{"now", transaction.now()}, {"most", most}},
      [&](DueEntry entry) {
        due.push_back(std::move(entry));
        return absl::OkStatus();
      }));
  if (postgres) RETURN_IF_ERROR(transaction.Execute(kByAnyMeans).status());
  return due;
}

absl::StatusOr<std::set<std::string>> AdvanceEntries(
    Transaction& transaction, absl::Span<const Firing> firings) {
  std::vector<ValueRow> rows;
  rows.reserve(firings.size());
  for (const Firing& firing : firings) {
    rows.push_back({firing.entry_id, firing.seen, firing.next,
                    firing.operation_id, firing.occurrence,
                    firing.skip_reason});
  }
  return transaction.ChangeRows(kAdvance, rows, {{"now", transaction.now()}});
}

absl::StatusOr<std::optional<absl::Time>> StartTrigger(
    Transaction& transaction, const Scope& scope, const std::string& entry_id,
    const std::string& operation_id, absl::Duration cooldown) {
  std::optional<absl::Time> next = transaction.now() + cooldown;
  ASSIGN_OR_RETURN(
      const int64_t started,
      transaction.Execute(kStartTrigger, {{"operation_id", operation_id},
                                          {"now", transaction.now()},
                                          {"next", next},
                                          {"implausible", *next + kClockSlack},
                                          {"entry_id", entry_id},
                                          {"scope", scope.client_id()}}));
  if (started == 0) next.reset();
  return next;
}

}  // namespace broadcast::storage
