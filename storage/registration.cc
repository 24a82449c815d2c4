#include "storage/registration.h"

#include "base/limits.h"
#include "storage/columns.h"
#include "storage/sql_error.h"

namespace broadcast::storage {

template <>
struct Columns<RegisteredAtOnce> {
  template <typename V>
  static void Visit(V& v, RegisteredAtOnce& registered) {
    Columns<Client>::Visit(v, registered.client);
    v(registered.now);
    v(registered.next_send_time);
  }
};

namespace {

// Without a row of `c` (over the quota, being deleted) nothing else is
// inserted; whatever exists already fails on its unique index. Both end the
// statement without a trace.
constexpr Sql kRegister{
    "", R"sql(
    WITH t AS (
      SELECT GREATEST(:latest::bigint, :offset::bigint
        + (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) AS now
    ), c AS (
      INSERT INTO clients (client_id, display_name, pair_count, labels,
        revision, create_time, update_time)
      SELECT :client_id::uuid, '', 1, '{}', 1, t.now, t.now FROM t
      ON CONFLICT (client_id)
      DO UPDATE SET pair_count = clients.pair_count + 1
      WHERE clients.delete_time IS NULL AND clients.pair_count
        < COALESCE(clients.pair_quota, :default_pair_quota::bigint)
      RETURNING *
    ), k AS (
      INSERT INTO contents (content_id, body, create_time)
      SELECT d.content_id, d.body, t.now
      FROM c, t, (SELECT :open_content_id::text AS content_id,
                      :open_body::text AS body
               UNION
               SELECT :closed_content_id::text, :closed_body::text) d
      WHERE d.content_id IS NOT NULL
      ON CONFLICT DO NOTHING
    ), o AS (
      INSERT INTO channels (channel_id, client_id, platform, address, account,
        title, state, state_reason, revision, create_time, update_time)
      SELECT v.channel_id, c.client_id, v.platform, v.address, v.account,
        v.title, 'active', '', 1, t.now, t.now
      FROM c, t, (VALUES
        (:open_id::uuid, :open_platform::text, :open_address::text,
         :open_account::text, :open_title::text),
        (:closed_id::uuid, :closed_platform::text, :closed_address::text,
         :closed_account::text, :closed_title::text)
      ) AS v (channel_id, platform, address, account, title)
    ), p AS (
      INSERT INTO channel_pairs (channel_pair_id, client_id, open_channel_id,
        closed_channel_id, create_time)
      SELECT :pair_id::uuid, c.client_id, :open_id::uuid, :closed_id::uuid,
        t.now
      FROM c, t
    ), e AS (
      INSERT INTO entries (entry_id, client_id, channel_pair_id, state,
        state_reason, last_outcome, interval_us, next_send_time,
        broadcast_count, success_count, partial_count, failure_count,
        consecutive_failure_count, manual_trigger_count, occurrence_count,
        replace_previous, last_error, open_content_id, closed_content_id,
        labels, revision, create_time, update_time)
      SELECT :entry_id::uuid, c.client_id, :pair_id::uuid, 'active', '',
        'pending', :interval::bigint,
        GREATEST(:start_time::bigint, t.now), 0, 0, 0, 0, 0, 0, 0,
        :replace_previous::bigint, '',
        :open_content_id::text, :closed_content_id::text, :labels::text, 1,
        t.now, t.now
      FROM c, t
      RETURNING next_send_time
    ), r AS (
      INSERT INTO request_ids (scope, method, request_id, payload_hash, answer,
        expire_time)
      SELECT :scope::text, :method::text, :request_id::text,
        :payload_hash::text, :answer::text, t.now + :retention::bigint
      FROM c, t
    ), a AS (
      INSERT INTO audit_events (audit_event_id, create_time, principal,
        client_id, method, event, peer, request_id, outcome, resources,
        row_count)
      SELECT :audit_event_id::uuid, t.now, :principal::text, c.client_id,
        :method::text, :event::text, :peer::text, :request_id::text,
        :outcome::text, :resources::text, :row_count::bigint
      FROM c, t
    )
    SELECT)sql" BROADCASTD_CLIENT_COLUMNS
        ", t.now, e.next_send_time "
        "FROM c CROSS JOIN t CROSS JOIN e" BROADCASTD_CLIENT_JOINS};

}  // namespace

absl::StatusOr<RegisteredAtOnce> RegisterAtOnce(
    Transaction& transaction, const Scope& scope, const Entry& entry,
    std::optional<absl::Time> start_time, int64_t default_pair_quota,
    const RequestKey& key, const std::string& answer, const AuditEvent& audit) {
  RETURN_IF_ERROR(scope.Admit(entry.client_id()));
  // A new client has no row whose quota could be compared.
  if (default_pair_quota < 1) return NeedsWholeTransaction();
  const ChannelPair& pair = entry.channel_pair;
  const Channel& open = pair.open_channel;
  const Channel& closed = pair.closed_channel;
  ASSIGN_OR_RETURN(
      auto registered,
      transaction.QueryOne<RegisteredAtOnce>(
          kRegister, {{"latest", transaction.earliest_now()},
                      {"offset", transaction.clock_offset()},
                      {"open_content_id", entry.open_content.content_id},
                      {"open_body", entry.open_content.body},
                      {"closed_content_id", entry.closed_content.content_id},
                      {"closed_body", entry.closed_content.body},
                      {"client_id", pair.client_id},
                      {"default_pair_quota", default_pair_quota},
                      {"open_id", open.channel_id},
                      {"open_platform", ToText(open.platform)},
                      {"open_address", open.address},
                      {"open_account", open.account},
                      {"open_title", open.title},
                      {"closed_id", closed.channel_id},
                      {"closed_platform", ToText(closed.platform)},
                      {"closed_address", closed.address},
                      {"closed_account", closed.account},
                      {"closed_title", closed.title},
                      {"pair_id", pair.channel_pair_id},
                      {"entry_id", entry.entry_id},
                      {"interval", entry.interval},
                      {"replace_previous", entry.replace_previous},
                      {"start_time", start_time},
                      {"labels", entry.labels},
                      {"scope", key.scope},
                      {"method", key.method},
                      {"request_id", key.request_id},
                      {"payload_hash", key.payload_hash},
                      {"answer", answer},
                      {"retention", limits::kRequestIdRetention},
                      {"audit_event_id", audit.audit_event_id},
                      {"principal", audit.principal},
                      {"event", audit.event},
                      {"peer", audit.peer},
                      {"outcome", audit.outcome},
                      {"resources", audit.resources},
                      {"row_count", audit.row_count}}));
  if (!registered.has_value()) return NeedsWholeTransaction();
  transaction.NoteTime(registered->now);
  return *std::move(registered);
}

}  // namespace broadcast::storage
