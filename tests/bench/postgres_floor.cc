// The rows that one CreateEntry writes, as one statement: a script for pgbench,
// on standard output. What the server's rate on PostgreSQL is compared with.

#include <cstdio>

#include "commands.h"

namespace broadcast::bench {
namespace {

// Ids begin with the time, so that each index but the clients' grows at its
// end, as with the server's ids of version 7. Conflicts are met as the server
// meets them. Foreign keys are checked at the end of the statement, whatever
// the order of its parts.
constexpr char kScript[] = R"sql(
\set number random(1, 1000000000000000)
WITH made AS (
  SELECT now, gen_random_uuid() AS client_id,
    (head || '1' || tail)::uuid AS open_id,
    (head || '2' || tail)::uuid AS closed_id,
    (head || '3' || tail)::uuid AS pair_id,
    (head || '4' || tail)::uuid AS entry_id,
    (head || '5' || tail)::uuid AS audit_event_id,
    gen_random_uuid()::text AS request_id,
    tail
  FROM (
    SELECT now, lpad(to_hex(now), 16, '0') AS head,
      lpad(to_hex(:number::bigint), 15, '0') AS tail
    FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
          AS now) AS clock
  ) AS parts
), client AS (
  INSERT INTO clients (client_id, display_name, pair_count, labels, revision,
    create_time, update_time)
  SELECT client_id, '', 1, '{}', 1, now, now FROM made
  ON CONFLICT (client_id) DO UPDATE SET pair_count = clients.pair_count + 1
), channel AS (
  INSERT INTO channels (channel_id, client_id, platform, address, account,
    title, state, state_reason, revision, create_time, update_time)
  SELECT open_id, client_id, 'log', 'open-' || tail, 'log', 'Open channel',
    'active', '', 1, now, now FROM made
  UNION ALL
  SELECT closed_id, client_id, 'log', 'closed-' || tail, 'log',
    'Closed channel', 'active', '', 1, now, now FROM made
  ON CONFLICT DO NOTHING
), pair AS (
  INSERT INTO channel_pairs (channel_pair_id, client_id, open_channel_id,
    closed_channel_id, create_time)
  SELECT pair_id, client_id, open_id, closed_id, now FROM made
  ON CONFLICT DO NOTHING
), entry AS (
  INSERT INTO entries (entry_id, client_id, channel_pair_id, state,
    state_reason, last_outcome, interval_us, next_send_time, broadcast_count,
    success_count, partial_count, failure_count, consecutive_failure_count,
    manual_trigger_count, last_error, labels, revision, create_time,
    update_time)
  SELECT entry_id, client_id, pair_id, 'active', '', 'pending', 86400000000,
    now, 0, 0, 0, 0, 0, 0, '', '{}', 1, now, now FROM made
), audit AS (
  INSERT INTO audit_events (audit_event_id, create_time, principal, client_id,
    method, event, peer, request_id, outcome, resources, row_count)
  SELECT audit_event_id, now, 'local', client_id, 'CreateEntry',
    -- Not in one piece: pgbench would take what follows a colon for a name.
    'entry.created', 'ipv4' || chr(58) || '127.0.0.1' || chr(58) || '50412',
    request_id, 'OK',
    '{"channel_pair_id":"' || pair_id || '","closed_channel_id":"'
      || closed_id || '","entry_id":"' || entry_id
      || '","open_channel_id":"' || open_id || '"}', 1
  FROM made
)
INSERT INTO request_ids (scope, method, request_id, payload_hash, answer,
  expire_time)
SELECT '*', 'CreateEntry', request_id, repeat(tail, 5), entry_id::text,
  now + 86400000000 FROM made
ON CONFLICT DO NOTHING;
)sql";

}  // namespace

int PostgresFloor(Flags& flags) {
  flags.Done();
  std::fputs(kScript + 1, stdout);
  return 0;
}

}  // namespace broadcast::bench
