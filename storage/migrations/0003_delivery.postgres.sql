-- Operations, their deliveries, who sends them, and what becomes of them.

-- The number of the entry's latest occurrence, and whether a new announcement
-- replaces the one before it.
ALTER TABLE entries ADD COLUMN occurrence_count BIGINT NOT NULL DEFAULT 0
  CHECK (occurrence_count >= 0);
ALTER TABLE entries ADD COLUMN replace_previous BIGINT NOT NULL DEFAULT 0
  CHECK (replace_previous IN (0, 1));
ALTER TABLE entries SET (fillfactor = 80);
CREATE INDEX entries_due ON entries (next_send_time, entry_id)
  WHERE state = 'active';

-- One row, which all replicas read before they fire. next_sync_time: of the
-- Sync on a schedule.
CREATE TABLE scheduler (
  singleton BIGINT NOT NULL PRIMARY KEY CHECK (singleton = 1),
  pause_time BIGINT,
  pause_reason TEXT NOT NULL,
  next_sync_time BIGINT
);
INSERT INTO scheduler VALUES (1, NULL, '', NULL);

-- The deliveries of an account (or of a part of its channels), and which
-- replica sends them. The epoch grows with each take-over.
CREATE TABLE lanes (
  lane_id TEXT NOT NULL PRIMARY KEY CHECK (lane_id <> ''),
  account TEXT NOT NULL CHECK (account <> ''),
  owner TEXT,
  epoch BIGINT NOT NULL CHECK (epoch >= 0),
  lease_until BIGINT NOT NULL,
  paused_until BIGINT NOT NULL,
  pause_reason TEXT NOT NULL,
  CHECK ((owner IS NULL) = (lease_until = 0))
);

-- Replicas that are there, whether they own a lane or not.
CREATE TABLE lane_owners (
  owner TEXT NOT NULL PRIMARY KEY CHECK (owner <> ''),
  alive_until BIGINT NOT NULL
);

-- What one command set in motion. The counts tell how its deliveries ended;
-- those that still wait are the rest of what was planned. What posts is counted
-- apart besides: it alone decides how a broadcast of an entry came out.
CREATE TABLE operations (
  operation_id UUID NOT NULL PRIMARY KEY,
  client_id UUID REFERENCES clients (client_id) ON DELETE CASCADE,
  entry_id UUID,
  occurrence BIGINT CHECK (occurrence > 0),
  feed_id UUID,
  kind TEXT NOT NULL CHECK (kind IN ('broadcast', 'trigger', 'test', 'post',
    'fill', 'clear', 'sync', 'migrate', 'import')),
  state TEXT NOT NULL CHECK (state IN ('planning', 'running', 'finished')),
  reason TEXT NOT NULL,
  planned BIGINT NOT NULL CHECK (planned >= 0),
  sent BIGINT NOT NULL CHECK (sent >= 0),
  failed BIGINT NOT NULL CHECK (failed >= 0),
  unknown BIGINT NOT NULL CHECK (unknown >= 0),
  expired BIGINT NOT NULL CHECK (expired >= 0),
  cancelled BIGINT NOT NULL CHECK (cancelled >= 0),
  abandoned BIGINT NOT NULL CHECK (abandoned >= 0),
  sends BIGINT NOT NULL DEFAULT 0,
  sends_sent BIGINT NOT NULL DEFAULT 0 CHECK (sends_sent >= 0),
  sends_unknown BIGINT NOT NULL DEFAULT 0 CHECK (sends_unknown >= 0),
  edits_sent BIGINT NOT NULL DEFAULT 0 CHECK (edits_sent >= 0),
  deletes_sent BIGINT NOT NULL DEFAULT 0 CHECK (deletes_sent >= 0),
  tombstones_sent BIGINT NOT NULL DEFAULT 0 CHECK (tombstones_sent >= 0),
  probes_sent BIGINT NOT NULL DEFAULT 0 CHECK (probes_sent >= 0),
  undeletable BIGINT NOT NULL DEFAULT 0 CHECK (undeletable >= 0),
  lost BIGINT NOT NULL DEFAULT 0 CHECK (lost >= 0),
  deadline BIGINT NOT NULL DEFAULT 0,
  last_error TEXT NOT NULL,
  settled BIGINT NOT NULL CHECK (settled IN (0, 1)),
  cancel_time BIGINT,
  create_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  finish_time BIGINT,
  CHECK ((state = 'finished') = (finish_time IS NOT NULL)),
  CHECK (sent + failed + unknown + expired + cancelled + abandoned <= planned),
  CHECK (state <> 'finished' OR
    sent + failed + unknown + expired + cancelled + abandoned = planned),
  CHECK (sends <= planned AND sends_sent + sends_unknown <= sends),
  CHECK ((occurrence IS NULL) OR (entry_id IS NOT NULL))
) WITH (fillfactor = 70);

CREATE UNIQUE INDEX operations_by_occurrence
  ON operations (entry_id, occurrence) WHERE occurrence IS NOT NULL;
CREATE INDEX operations_by_client
  ON operations (client_id, create_time, operation_id);
CREATE INDEX operations_by_create_time
  ON operations (create_time, operation_id);
CREATE INDEX operations_by_finish_time ON operations (finish_time)
  WHERE finish_time IS NOT NULL;
CREATE INDEX operations_overdue ON operations (deadline, operation_id)
  WHERE state = 'running';

-- One thing to do at one destination. Changed only if it is given more time.
CREATE TABLE deliveries (
  delivery_id UUID NOT NULL PRIMARY KEY,
  operation_id UUID NOT NULL
    REFERENCES operations (operation_id) ON DELETE CASCADE,
  client_id UUID NOT NULL,
  channel_id UUID NOT NULL REFERENCES channels (channel_id) ON DELETE CASCADE,
  entry_id UUID,
  side TEXT NOT NULL CHECK (side IN ('', 'open', 'closed')),
  action TEXT NOT NULL CHECK (action IN
    ('send', 'edit', 'delete', 'copy', 'tombstone', 'probe')),
  content_id TEXT REFERENCES contents (content_id),
  target_message_id UUID,
  message_id UUID,
  post_id UUID,
  address TEXT,
  on_unknown TEXT NOT NULL CHECK (on_unknown IN ('hold', 'resend')),
  deadline BIGINT NOT NULL,
  create_time BIGINT NOT NULL,
  CHECK (action NOT IN ('send', 'edit', 'tombstone') OR
    content_id IS NOT NULL),
  CHECK (action = 'send' OR target_message_id IS NOT NULL),
  CHECK (message_id IS NULL OR action IN ('send', 'copy')),
  CHECK ((message_id IS NULL) = (post_id IS NULL))
);

CREATE INDEX deliveries_by_operation ON deliveries (operation_id, delivery_id);
CREATE INDEX deliveries_by_channel ON deliveries (channel_id, delivery_id);
CREATE INDEX deliveries_by_content ON deliveries (content_id)
  WHERE content_id IS NOT NULL;
CREATE INDEX deliveries_by_message ON deliveries (message_id)
  WHERE message_id IS NOT NULL;

-- The queue of a channel: whose turn it is, from when. Every change of what
-- waits for a channel takes this row first, so that the one who adds and the
-- one who finishes never miss each other.
CREATE TABLE channel_queues (
  channel_id UUID NOT NULL PRIMARY KEY
    REFERENCES channels (channel_id) ON DELETE CASCADE,
  client_id UUID NOT NULL,
  lane_id TEXT NOT NULL,
  waiting BIGINT NOT NULL CHECK (waiting >= 0),
  busy BIGINT NOT NULL CHECK (busy IN (0, 1)),
  not_before BIGINT NOT NULL,
  paused_until BIGINT NOT NULL,
  last_sequence BIGINT NOT NULL
) WITH (fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- To go round the clients; and to tell what is due, and when the next is.
CREATE INDEX channel_queues_ready
  ON channel_queues (lane_id, client_id, not_before, channel_id)
  WHERE waiting > 0 AND busy = 0;
CREATE INDEX channel_queues_due
  ON channel_queues (lane_id, not_before, client_id, channel_id)
  WHERE waiting > 0 AND busy = 0;

-- A row exists as long as a delivery waits to be sent, or to be sent again. It
-- may have been done already if a try of it was not answered.
CREATE TABLE ready (
  channel_id UUID NOT NULL,
  sequence BIGINT NOT NULL,
  delivery_id UUID NOT NULL UNIQUE
    REFERENCES deliveries (delivery_id) ON DELETE CASCADE,
  not_before BIGINT NOT NULL,
  attempts BIGINT NOT NULL CHECK (attempts >= 0),
  fence BIGINT NOT NULL CHECK (fence >= 0),
  maybe_done BIGINT NOT NULL DEFAULT 0 CHECK (maybe_done IN (0, 1)),
  PRIMARY KEY (channel_id, sequence)
) WITH (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- A row exists from the intent to send until the outcome is recorded.
CREATE TABLE inflight (
  delivery_id UUID NOT NULL PRIMARY KEY
    REFERENCES deliveries (delivery_id) ON DELETE CASCADE,
  channel_id UUID NOT NULL,
  sequence BIGINT NOT NULL,
  lane_id TEXT NOT NULL,
  owner TEXT NOT NULL,
  epoch BIGINT NOT NULL,
  fence BIGINT NOT NULL CHECK (fence > 0),
  attempts BIGINT NOT NULL CHECK (attempts > 0),
  intent_time BIGINT NOT NULL,
  maybe_done BIGINT NOT NULL DEFAULT 0 CHECK (maybe_done IN (0, 1))
) WITH (
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE INDEX inflight_by_lane ON inflight (lane_id, epoch);

-- Tries that did not end their delivery. Only added to.
CREATE TABLE attempts (
  delivery_id UUID NOT NULL
    REFERENCES deliveries (delivery_id) ON DELETE CASCADE,
  fence BIGINT NOT NULL,
  attempt BIGINT NOT NULL,
  intent_time BIGINT NOT NULL,
  finish_time BIGINT NOT NULL,
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  http_status BIGINT NOT NULL,
  PRIMARY KEY (delivery_id, fence)
);

CREATE INDEX attempts_by_finish_time ON attempts (finish_time);

-- How a delivery ended. Only an unknown end may still be settled.
CREATE TABLE results (
  delivery_id UUID NOT NULL PRIMARY KEY
    REFERENCES deliveries (delivery_id) ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN
    ('sent', 'failed', 'unknown', 'expired', 'cancelled', 'abandoned')),
  reason TEXT NOT NULL,
  detail TEXT NOT NULL,
  http_status BIGINT NOT NULL,
  platform_message_id TEXT,
  fence BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  intent_time BIGINT,
  finish_time BIGINT NOT NULL
);

CREATE INDEX results_by_finish_time ON results (finish_time, delivery_id)
  WHERE state <> 'unknown';
CREATE INDEX results_unknown ON results (finish_time) WHERE state = 'unknown';

-- Everything that was posted and can be found again; and what is to become of
-- posts, from when that was decided. A message outlives its post and its feed.
CREATE TABLE messages (
  message_id UUID NOT NULL PRIMARY KEY,
  channel_id UUID NOT NULL REFERENCES channels (channel_id) ON DELETE CASCADE,
  client_id UUID NOT NULL,
  entry_id UUID,
  feed_id UUID,
  post_id UUID,
  side TEXT NOT NULL,
  operation_id UUID,
  address TEXT NOT NULL,
  platform_message_id TEXT CHECK (platform_message_id <> ''),
  content_id TEXT NOT NULL REFERENCES contents (content_id),
  state TEXT NOT NULL CHECK (state IN ('pending', 'live', 'unknown',
    'deleted', 'tombstoned', 'undeletable', 'lost')),
  post_time BIGINT NOT NULL,
  update_time BIGINT NOT NULL,
  CHECK (platform_message_id IS NOT NULL OR
    state IN ('pending', 'unknown', 'lost')),
  CHECK ((feed_id IS NULL) = (post_id IS NULL))
);

CREATE UNIQUE INDEX messages_by_platform_id
  ON messages (channel_id, address, platform_message_id)
  WHERE platform_message_id IS NOT NULL;
CREATE INDEX messages_by_entry ON messages (entry_id, side, post_time)
  WHERE entry_id IS NOT NULL AND state = 'live';
CREATE INDEX messages_by_content ON messages (content_id);

-- A post has at most one message a channel that is there or may be; in this
-- order a channel is brought in line with its feeds.
CREATE UNIQUE INDEX messages_of_post ON messages (channel_id, feed_id, post_id)
  WHERE post_id IS NOT NULL AND
    state IN ('pending', 'live', 'unknown', 'undeletable');
CREATE INDEX messages_by_post ON messages (post_id, channel_id)
  WHERE post_id IS NOT NULL AND
    state IN ('pending', 'live', 'unknown', 'undeletable');
CREATE INDEX messages_by_channel ON messages (channel_id, message_id);
CREATE INDEX messages_by_feed ON messages (feed_id, message_id)
  WHERE feed_id IS NOT NULL;
CREATE INDEX messages_by_client ON messages (client_id, message_id);

-- What channels answered that makes us doubt them.
CREATE TABLE channel_health (
  channel_id UUID NOT NULL PRIMARY KEY
    REFERENCES channels (channel_id) ON DELETE CASCADE,
  account TEXT NOT NULL,
  failures BIGINT NOT NULL CHECK (failures > 0),
  reason TEXT NOT NULL,
  first_failure_time BIGINT NOT NULL,
  last_failure_time BIGINT NOT NULL
);

CREATE INDEX channel_health_by_account
  ON channel_health (account, last_failure_time);

-- What has happened, in the order in which watchers hear of it.
CREATE TABLE events (
  sequence BIGSERIAL NOT NULL,
  xid BIGINT NOT NULL
    DEFAULT pg_current_xact_id()::text::bigint,
  client_id UUID,
  kind TEXT NOT NULL,
  operation_id UUID,
  entry_id UUID,
  channel_id UUID,
  delivery_id UUID,
  detail TEXT NOT NULL,
  create_time BIGINT NOT NULL,
  PRIMARY KEY (xid, sequence)
);

CREATE INDEX events_by_create_time ON events (create_time);
CREATE INDEX events_by_client ON events (client_id, sequence)
  WHERE client_id IS NOT NULL;

-- Up to where events were let go: a watcher that has read less has missed some.
CREATE TABLE event_horizon (
  singleton BIGINT NOT NULL PRIMARY KEY CHECK (singleton = 1),
  xid BIGINT NOT NULL,
  sequence BIGINT NOT NULL
);
INSERT INTO event_horizon VALUES (1, 0, 0);
