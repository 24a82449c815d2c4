#include "storage/delivery_retention.h"

#include <algorithm>
#include <tuple>

#include "storage/columns.h"

namespace broadcast::storage {
namespace {

// PostgreSQL: what another replica lets go is left to it, and an array of keys
// is looked up where a subquery could make it read whole tables.
#define EXPIRED_RESULTS                                     \
  "SELECT r.delivery_id FROM results r "                    \
  "WHERE r.finish_time < :before AND r.state <> 'unknown' " \
  "AND (SELECT o.state FROM deliveries d "                  \
  "JOIN operations o ON o.operation_id = d.operation_id "   \
  "WHERE d.delivery_id = r.delivery_id) = 'finished' "      \
  "ORDER BY r.finish_time, r.delivery_id LIMIT :most"
constexpr Sql kDeleteDeliveries{
    "DELETE FROM deliveries WHERE delivery_id IN (" EXPIRED_RESULTS ")",
    "DELETE FROM deliveries WHERE delivery_id = ANY(ARRAY(" EXPIRED_RESULTS
    " FOR UPDATE SKIP LOCKED))"};
#undef EXPIRED_RESULTS

// What is left of the first expired operations goes before them, so that no
// step cascades to more than it counts.
#define EXPIRED_OPERATIONS                                   \
  "SELECT operation_id FROM operations "                     \
  "WHERE finish_time < :before AND finish_time IS NOT NULL " \
  "ORDER BY finish_time LIMIT :most"
constexpr Sql kDeleteLeft{
    "DELETE FROM deliveries WHERE delivery_id IN (SELECT d.delivery_id "
    "FROM (" EXPIRED_OPERATIONS
    ") o CROSS JOIN deliveries d "
    "WHERE d.operation_id = o.operation_id LIMIT :most)",
    "DELETE FROM deliveries WHERE delivery_id = ANY(ARRAY("
    "SELECT d.delivery_id FROM (" EXPIRED_OPERATIONS
    " FOR UPDATE SKIP LOCKED) o CROSS JOIN LATERAL "
    "(SELECT delivery_id FROM deliveries "
    "WHERE operation_id = o.operation_id ORDER BY operation_id, delivery_id "
    "LIMIT :most) d LIMIT :most))"};
constexpr Sql kDeleteOperations{
    "DELETE FROM operations WHERE operation_id IN (" EXPIRED_OPERATIONS ")",
    "DELETE FROM operations WHERE operation_id = ANY(ARRAY(" EXPIRED_OPERATIONS
    " FOR UPDATE SKIP LOCKED))"};
#undef EXPIRED_OPERATIONS

#define EXPIRED_EVENTS \
  " FROM events WHERE create_time < :before ORDER BY create_time LIMIT :most"
constexpr Sql kDeleteEvents{
    "DELETE FROM events WHERE sequence IN (SELECT sequence" EXPIRED_EVENTS
    ") RETURNING xid, sequence",
    "DELETE FROM events WHERE ctid = ANY(ARRAY(SELECT ctid" EXPIRED_EVENTS
    " FOR UPDATE SKIP LOCKED)) RETURNING xid, sequence"};
#undef EXPIRED_EVENTS

// Never back: another replica may have let later ones go before.
constexpr Sql kMoveHorizon{
    "UPDATE event_horizon SET xid = :xid, sequence = :sequence "
    "WHERE (xid, sequence) < (:xid, :sequence)"};

}  // namespace

absl::StatusOr<int64_t> DeleteExpiredDeliveries(Transaction& transaction,
                                                absl::Time before,
                                                int64_t most) {
  return transaction.Execute(kDeleteDeliveries,
                             {{"before", before}, {"most", most}});
}

absl::StatusOr<int64_t> DeleteExpiredOperations(Transaction& transaction,
                                                absl::Time before,
                                                int64_t most) {
  ASSIGN_OR_RETURN(
      const int64_t left,
      transaction.Execute(kDeleteLeft, {{"before", before}, {"most", most}}));
  if (left == most) return most;
  ASSIGN_OR_RETURN(
      const int64_t operations,
      transaction.Execute(kDeleteOperations,
                          {{"before", before}, {"most", most - left}}));
  return left + operations;
}

absl::StatusOr<int64_t> DeleteExpiredEvents(Transaction& transaction,
                                            absl::Time before, int64_t most) {
  using Place = std::tuple<int64_t, int64_t>;  // xid, sequence
  int64_t gone = 0;
  Place last;
  RETURN_IF_ERROR(transaction.Query<Place>(
      kDeleteEvents, {{"before", before}, {"most", most}}, [&](Place place) {
        ++gone;
        last = std::max(last, place);
        return absl::OkStatus();
      }));
  if (gone == 0) return gone;
  RETURN_IF_ERROR(transaction
                      .Execute(kMoveHorizon, {{"xid", std::get<0>(last)},
                                              {"sequence", std::get<1>(last)}})
                      .status());
  return gone;
}

}  // namespace broadcast::storage
