#include "storage/retention.h"

#include <optional>
#include <tuple>

#include "base/status_macros.h"

namespace broadcast::storage {
namespace {

// A row that another replica deletes or a caller renews is left to them.
constexpr Sql kDeleteExpired{
    R"sql(
    DELETE FROM request_ids WHERE (scope, method, request_id) IN (
      SELECT scope, method, request_id FROM request_ids
      WHERE expire_time <= :now ORDER BY expire_time LIMIT :most))sql",
    R"sql(
    DELETE FROM request_ids WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM request_ids
      WHERE expire_time <= :now ORDER BY expire_time LIMIT :most
      FOR UPDATE SKIP LOCKED)))sql"};

constexpr Sql kDeleteAuditEvents{
    R"sql(
    DELETE FROM audit_events WHERE (create_time, audit_event_id) IN (
      SELECT create_time, audit_event_id FROM audit_events
      WHERE create_time < :before
      ORDER BY create_time, audit_event_id LIMIT :most))sql",
    R"sql(
    DELETE FROM audit_events WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM audit_events
      WHERE create_time < :before
      ORDER BY create_time, audit_event_id LIMIT :most
      FOR UPDATE SKIP LOCKED)))sql"};

constexpr Sql kExamine{R"sql(
    SELECT count(*), max(content_id) FROM (
      SELECT content_id FROM contents WHERE content_id > :cursor
      ORDER BY content_id LIMIT :most) AS examined)sql"};

// The first reference at or after the key, in the order of its index: asked
// for the key itself, PostgreSQL would read a whole table for contents that
// nothing refers to if its statistics say that few contents serve all.
#define NOT_REFERRED_TO_BY(table, column)                               \
  " AND COALESCE((SELECT r." column " FROM " table " r WHERE r." column \
  " >= contents.content_id"                                             \
  " ORDER BY r." column " LIMIT 1), '') <> contents.content_id"
constexpr Sql kCollect{
    "DELETE FROM contents "
    "WHERE content_id > :cursor AND content_id <= :last "
    "AND create_time < :before" NOT_REFERRED_TO_BY("entries", "open_content_id")
        NOT_REFERRED_TO_BY("entries", "closed_content_id")
            NOT_REFERRED_TO_BY("clients", "default_open_content_id")
                NOT_REFERRED_TO_BY("clients", "default_closed_content_id")
                    NOT_REFERRED_TO_BY("deliveries", "content_id")
                        NOT_REFERRED_TO_BY("messages", "content_id")
                            NOT_REFERRED_TO_BY("feeds", "tombstone_content_id")
                                NOT_REFERRED_TO_BY("posts", "content_id")};
#undef NOT_REFERRED_TO_BY

}  // namespace

absl::StatusOr<int64_t> DeleteExpiredRequestIds(Transaction& transaction,
                                                int64_t most) {
  return transaction.Execute(kDeleteExpired,
                             {{"now", transaction.now()}, {"most", most}});
}

absl::StatusOr<int64_t> DeleteExpiredAuditEvents(Transaction& transaction,
                                                 absl::Time before,
                                                 int64_t most) {
  return transaction.Execute(kDeleteAuditEvents,
                             {{"before", before}, {"most", most}});
}

absl::StatusOr<ContentSweep> CollectContents(Transaction& transaction,
                                             const std::string& cursor,
                                             int64_t most) {
  using Examined = std::tuple<int64_t, std::optional<std::string>>;
  ASSIGN_OR_RETURN(const auto found,
                   transaction.QueryOne<Examined>(
                       kExamine, {{"cursor", cursor}, {"most", most}}));
  const auto& [examined, last] = *found;
  ContentSweep sweep{.examined = examined};
  if (examined == 0) return sweep;
  ASSIGN_OR_RETURN(
      sweep.collected,
      transaction.Execute(kCollect,
                          {{"cursor", cursor},
                           {"last", *last},
                           {"before", transaction.now() - kContentGrace}}));
  if (examined == most) sweep.cursor = *last;
  return sweep;
}

}  // namespace broadcast::storage
