-- Feeds, the posts in them, and plans to bring channels in line with them.

-- A named stream of a client's posts. One that is deleted is hidden, and goes
-- step by step.
CREATE TABLE feeds (
  feed_id TEXT NOT NULL PRIMARY KEY CHECK (length(feed_id) = 36),
  client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
  name TEXT NOT NULL CHECK (name <> ''),
  display_name TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
  tracking INTEGER CHECK (tracking IN (0, 1)),
  tombstone_content_id TEXT REFERENCES contents (content_id),
  labels TEXT NOT NULL,
  revision INTEGER NOT NULL CHECK (revision > 0),
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  delete_time INTEGER
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX feeds_by_name ON feeds (client_id, name)
  WHERE delete_time IS NULL;
CREATE INDEX feeds_by_client ON feeds (client_id, create_time, feed_id);
CREATE INDEX feeds_by_create_time ON feeds (create_time, feed_id);
CREATE INDEX feeds_by_tombstone ON feeds (tombstone_content_id)
  WHERE tombstone_content_id IS NOT NULL;
CREATE INDEX feeds_deleted ON feeds (delete_time, feed_id)
  WHERE delete_time IS NOT NULL;

-- Where the posts of a feed are posted.
CREATE TABLE feed_channels (
  feed_id TEXT NOT NULL REFERENCES feeds (feed_id) ON DELETE CASCADE,
  channel_id TEXT NOT NULL REFERENCES channels (channel_id) ON DELETE CASCADE,
  client_id TEXT NOT NULL,
  create_time INTEGER NOT NULL,
  PRIMARY KEY (feed_id, channel_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX feed_channels_by_channel ON feed_channels (channel_id, feed_id);
CREATE INDEX feed_channels_by_client
  ON feed_channels (client_id, feed_id, channel_id);

-- Which channel has taken over what was posted at an address: migrations write
-- it, so that whoever still names the old address finds the new one.
CREATE TABLE channel_successors (
  client_id TEXT NOT NULL REFERENCES clients (client_id) ON DELETE CASCADE,
  platform TEXT NOT NULL,
  address TEXT NOT NULL CHECK (address <> ''),
  successor_channel_id TEXT NOT NULL
    REFERENCES channels (channel_id) ON DELETE CASCADE,
  create_time INTEGER NOT NULL,
  PRIMARY KEY (client_id, platform, address)
) STRICT, WITHOUT ROWID;

CREATE INDEX channel_successors_by_successor
  ON channel_successors (successor_channel_id);

-- What is to be in the channels of a feed, until it is closed.
CREATE TABLE posts (
  post_id TEXT NOT NULL PRIMARY KEY CHECK (length(post_id) = 36),
  feed_id TEXT NOT NULL REFERENCES feeds (feed_id) ON DELETE CASCADE,
  client_id TEXT NOT NULL,
  external_id TEXT NOT NULL CHECK (external_id <> ''),
  content_id TEXT NOT NULL REFERENCES contents (content_id),
  state TEXT NOT NULL CHECK (state IN ('open', 'closed')),
  close_reason TEXT NOT NULL,
  expire_time INTEGER,
  labels TEXT NOT NULL,
  revision INTEGER NOT NULL CHECK (revision > 0),
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  close_time INTEGER,
  -- The last import with closings that contained it: see imports.
  import_mark TEXT,
  CHECK ((state = 'closed') = (close_time IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX posts_by_external_id ON posts (feed_id, external_id);
CREATE INDEX posts_by_feed ON posts (feed_id, create_time, post_id);
CREATE INDEX posts_by_content ON posts (content_id);
CREATE INDEX posts_open ON posts (feed_id, post_id) WHERE state = 'open';
CREATE INDEX posts_expiring ON posts (expire_time, post_id)
  WHERE state = 'open' AND expire_time IS NOT NULL;

-- A stream of posts into a feed, and how far it is. Only the newest generation
-- of its callers goes on with it.
CREATE TABLE imports (
  import_id TEXT NOT NULL PRIMARY KEY CHECK (length(import_id) = 36),
  feed_id TEXT NOT NULL REFERENCES feeds (feed_id) ON DELETE CASCADE,
  client_id TEXT NOT NULL,
  mode TEXT NOT NULL CHECK (mode IN ('merge', 'snapshot')),
  validate_only INTEGER NOT NULL CHECK (validate_only IN (0, 1)),
  state TEXT NOT NULL
    CHECK (state = 'running' OR state = 'closing' OR state = 'complete' OR
      state = 'abandoned'),
  generation INTEGER NOT NULL CHECK (generation > 0),
  close_cursor TEXT NOT NULL,
  received INTEGER NOT NULL,
  created INTEGER NOT NULL CHECK (created >= 0),
  updated INTEGER NOT NULL CHECK (updated >= 0),
  unchanged INTEGER NOT NULL CHECK (unchanged >= 0),
  reopened INTEGER NOT NULL CHECK (reopened >= 0),
  closed INTEGER NOT NULL CHECK (closed >= 0),
  create_time INTEGER NOT NULL,
  update_time INTEGER NOT NULL,
  CHECK (received = created + updated + unchanged + reopened)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX imports_unfinished ON imports (feed_id)
  WHERE state IN ('running', 'closing');
CREATE INDEX imports_by_feed ON imports (feed_id, create_time, import_id);

-- What an operation still has to decide for one channel, and how far it is.
CREATE TABLE plans (
  operation_id TEXT NOT NULL
    REFERENCES operations (operation_id) ON DELETE CASCADE,
  channel_id TEXT NOT NULL REFERENCES channels (channel_id) ON DELETE CASCADE,
  client_id TEXT NOT NULL,
  kind TEXT NOT NULL
    CHECK (kind = 'sync' OR kind = 'fill' OR kind = 'clear' OR
      kind = 'migrate'),
  feed_id TEXT,
  target_channel_id TEXT,
  mode TEXT NOT NULL
    CHECK (mode = 'full' OR mode = 'post_only' OR mode = 'delete_only'),
  phase TEXT NOT NULL,
  cursor_feed TEXT NOT NULL,
  cursor_post TEXT NOT NULL,
  as_of INTEGER NOT NULL,
  delete_old INTEGER NOT NULL CHECK (delete_old IN (0, 1)),
  done INTEGER NOT NULL CHECK (done IN (0, 1)),
  next_time INTEGER NOT NULL,
  open_posts INTEGER NOT NULL CHECK (open_posts >= 0),
  tracked INTEGER NOT NULL CHECK (tracked >= 0),
  missing INTEGER NOT NULL CHECK (missing >= 0),
  orphaned INTEGER NOT NULL CHECK (orphaned >= 0),
  changed INTEGER NOT NULL CHECK (changed >= 0),
  undeletable INTEGER NOT NULL CHECK (undeletable >= 0),
  unknown INTEGER NOT NULL CHECK (unknown >= 0),
  kept INTEGER NOT NULL CHECK (kept >= 0),
  tombstones INTEGER NOT NULL CHECK (tombstones >= 0),
  create_time INTEGER NOT NULL,
  PRIMARY KEY (operation_id, channel_id),
  CHECK ((kind = 'migrate') = (target_channel_id IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX plans_waiting ON plans (next_time, operation_id, channel_id)
  WHERE done = 0;
CREATE INDEX plans_by_channel ON plans (channel_id);
CREATE INDEX plans_by_client ON plans (client_id, operation_id, channel_id);
CREATE INDEX plans_by_target ON plans (target_channel_id)
  WHERE target_channel_id IS NOT NULL;
