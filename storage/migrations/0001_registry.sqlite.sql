-- Clients, their channels, pairs and entries; content; request ids.
-- Times are microseconds since 1970, ids lower-case UUIDs, labels JSON. OR
-- stands where PostgreSQL has IN: of a list of more than two words SQLite makes
-- a table for each row that it checks.

CREATE TABLE contents (
  content_id TEXT NOT NULL PRIMARY KEY CHECK (length(content_id) = 64),
  body TEXT NOT NULL,
  create_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE clients (
  client_id TEXT NOT NULL PRIMARY KEY CHECK (length(client_id) = 36),
  display_name TEXT NOT NULL,
  pair_quota INTEGER CHECK (pair_quota >= 0),
  pair_count INTEGER NOT NULL CHECK (pair_count >= 0),
  default_open_content_id TEXT REFERENCES contents (content_id),
  default_closed_content_id TEXT REFERENCES contents (content_id),
  labels TEXT NOT NULL,
  revision INTEGER NOT NULL CHECK (revision > 0),
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  delete_time INTEGER
) STRICT, WITHOUT ROWID;

CREATE INDEX clients_by_create_time ON clients (create_time, client_id);
CREATE INDEX clients_by_delete_time ON clients (delete_time)
  WHERE delete_time IS NOT NULL;
CREATE INDEX clients_by_default_open_content
  ON clients (default_open_content_id)
  WHERE default_open_content_id IS NOT NULL;
CREATE INDEX clients_by_default_closed_content
  ON clients (default_closed_content_id)
  WHERE default_closed_content_id IS NOT NULL;

CREATE TABLE channels (
  channel_id TEXT NOT NULL PRIMARY KEY CHECK (length(channel_id) = 36),
  client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
  platform TEXT NOT NULL
    CHECK (platform = 'telegram' OR platform = 'email' OR
      platform = 'webhook' OR platform = 'log'),
  address TEXT NOT NULL CHECK (address <> ''),
  account TEXT NOT NULL CHECK (account <> ''),
  title TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
  state_reason TEXT NOT NULL,
  revision INTEGER NOT NULL CHECK (revision > 0),
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX channels_by_client
  ON channels (client_id, platform, address);
-- A Telegram destination belongs to the first client that registers it.
CREATE UNIQUE INDEX channels_by_telegram_address ON channels (address)
  WHERE platform = 'telegram';
CREATE INDEX channels_by_create_time ON channels (create_time, channel_id);

CREATE TABLE channel_pairs (
  channel_pair_id TEXT NOT NULL PRIMARY KEY
    CHECK (length(channel_pair_id) = 36),
  client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
  open_channel_id TEXT NOT NULL
    REFERENCES channels (channel_id) ON DELETE CASCADE,
  closed_channel_id TEXT NOT NULL
    REFERENCES channels (channel_id) ON DELETE CASCADE,
  create_time INTEGER NOT NULL,
  CHECK (open_channel_id <> closed_channel_id)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX channel_pairs_by_channels
  ON channel_pairs (open_channel_id, closed_channel_id);
CREATE INDEX channel_pairs_by_closed_channel
  ON channel_pairs (closed_channel_id);
CREATE INDEX channel_pairs_by_client
  ON channel_pairs (client_id, create_time, channel_pair_id);
CREATE INDEX channel_pairs_by_create_time
  ON channel_pairs (create_time, channel_pair_id);

CREATE TABLE entries (
  entry_id TEXT NOT NULL PRIMARY KEY CHECK (length(entry_id) = 36),
  client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
  channel_pair_id TEXT NOT NULL UNIQUE
    REFERENCES channel_pairs (channel_pair_id) ON DELETE CASCADE,
  state TEXT NOT NULL
    CHECK (state = 'active' OR state = 'paused' OR state = 'disabled'),
  state_reason TEXT NOT NULL,
  last_outcome TEXT NOT NULL
    CHECK (last_outcome = 'pending' OR last_outcome = 'sending' OR
      last_outcome = 'sent' OR last_outcome = 'partial' OR
      last_outcome = 'failed'),
  current_operation_id TEXT,
  interval_us INTEGER NOT NULL CHECK (interval_us > 0),
  next_send_time INTEGER NOT NULL,
  last_send_time INTEGER,
  last_trigger_time INTEGER,
  next_trigger_time INTEGER,
  broadcast_count INTEGER NOT NULL,
  success_count INTEGER NOT NULL CHECK (success_count >= 0),
  partial_count INTEGER NOT NULL CHECK (partial_count >= 0),
  failure_count INTEGER NOT NULL CHECK (failure_count >= 0),
  consecutive_failure_count INTEGER NOT NULL
    CHECK (consecutive_failure_count >= 0),
  manual_trigger_count INTEGER NOT NULL CHECK (manual_trigger_count >= 0),
  last_error TEXT NOT NULL,
  last_error_time INTEGER,
  open_content_id TEXT REFERENCES contents (content_id),
  closed_content_id TEXT REFERENCES contents (content_id),
  labels TEXT NOT NULL,
  revision INTEGER NOT NULL CHECK (revision > 0),
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  CHECK (broadcast_count = success_count + partial_count + failure_count)
) STRICT, WITHOUT ROWID;

CREATE INDEX entries_by_client ON entries (client_id, create_time, entry_id);
CREATE INDEX entries_by_create_time ON entries (create_time, entry_id);
CREATE INDEX entries_by_next_send_time ON entries (next_send_time, entry_id);
CREATE INDEX entries_by_open_content ON entries (open_content_id)
  WHERE open_content_id IS NOT NULL;
CREATE INDEX entries_by_closed_content ON entries (closed_content_id)
  WHERE closed_content_id IS NOT NULL;

CREATE TABLE request_ids (
  scope TEXT NOT NULL,
  method TEXT NOT NULL,
  request_id TEXT NOT NULL,
  payload_hash TEXT NOT NULL,
  answer TEXT NOT NULL,
  expire_time INTEGER NOT NULL,
  PRIMARY KEY (scope, method, request_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX request_ids_by_expire_time ON request_ids (expire_time);
