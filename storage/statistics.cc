#include "storage/statistics.h"

#include <tuple>

#include "base/status_macros.h"
#include "storage/sql.h"

namespace broadcast::storage {
namespace {

// Of entries: all, active, paused, disabled, then the sums of their counters.
using EntrySums = std::tuple<int64_t, int64_t, int64_t, int64_t, int64_t,
                             int64_t, int64_t, int64_t, int64_t>;
// Of deliveries: waiting, sending, unknown.
using DeliverySums = std::tuple<int64_t, int64_t, int64_t>;

// PostgreSQL sums bigints as numeric.
#define SUM(what) "CAST(COALESCE(sum(" what "), 0) AS bigint)"
#define COUNT_IF(what) SUM("CASE WHEN " what " THEN 1 ELSE 0 END")
// A client that is being deleted is no longer counted.
#define IN_SCOPE(alias)                    \
  "JOIN clients c ON c.client_id = " alias \
  ".client_id "                            \
  "WHERE c.delete_time IS NULL "           \
  "AND " alias ".client_id = COALESCE(:scope, " alias ".client_id)"

constexpr Sql kEntries{
    "SELECT count(*), " COUNT_IF("e.state = 'active'") ", "
    COUNT_IF("e.state = 'paused'") ", " COUNT_IF("e.state = 'disabled'") ", "
    SUM("e.broadcast_count") ", " SUM("e.success_count") ", "
    SUM("e.partial_count") ", " SUM("e.failure_count") ", "
    SUM("e.manual_trigger_count") " FROM entries e " IN_SCOPE("e")};

constexpr Sql kPairs{"SELECT count(*) FROM channel_pairs p " IN_SCOPE(
    "p") " AND NOT EXISTS (SELECT 1 FROM entries e "
         "WHERE e.channel_pair_id = p.channel_pair_id)"};

constexpr Sql kDeliveries{
    "SELECT (SELECT " SUM("q.waiting") " FROM channel_queues q " IN_SCOPE("q")
    " AND q.waiting > 0), "
    "(SELECT count(*) FROM inflight i "
    "JOIN deliveries d ON d.delivery_id = i.delivery_id " IN_SCOPE("d") "), "
    "(SELECT count(*) FROM results r "
    "JOIN deliveries d ON d.delivery_id = r.delivery_id " IN_SCOPE("d")
    " AND r.state = 'unknown')"};
#undef IN_SCOPE
#undef COUNT_IF
#undef SUM

}  // namespace

absl::StatusOr<Statistics> ReadStatistics(Transaction& transaction,
                                          const Scope& scope) {
  ASSIGN_OR_RETURN(const auto entries,
                   transaction.QueryOne<EntrySums>(
                       kEntries, {{"scope", scope.client_id()}}));
  ASSIGN_OR_RETURN(const auto pairs,
                   transaction.QueryOne<std::tuple<int64_t>>(
                       kPairs, {{"scope", scope.client_id()}}));
  ASSIGN_OR_RETURN(const auto deliveries,
                   transaction.QueryOne<DeliverySums>(
                       kDeliveries, {{"scope", scope.client_id()}}));
  Statistics sums;
  std::tie(sums.entries, sums.active_entries, sums.paused_entries,
           sums.disabled_entries, sums.broadcasts, sums.successes, sums.partial,
           sums.failures, sums.manual_triggers) = *entries;
  std::tie(sums.pairs_without_entry) = *pairs;
  std::tie(sums.waiting_deliveries, sums.sending_deliveries,
           sums.unknown_deliveries) = *deliveries;
  return sums;
}

}  // namespace broadcast::storage
