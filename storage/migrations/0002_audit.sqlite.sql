-- Who changed what, and who was refused it. An event outlives its client and
-- all else that it names, so nothing is referred to.

CREATE TABLE audit_events (
  audit_event_id TEXT NOT NULL CHECK (length(audit_event_id) = 36),
  create_time INTEGER NOT NULL,
  principal TEXT NOT NULL,
  client_id TEXT CHECK (length(client_id) = 36),
  method TEXT NOT NULL,
  event TEXT NOT NULL,
  peer TEXT NOT NULL,
  request_id TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome <> ''),
  resources TEXT NOT NULL,
  row_count INTEGER NOT NULL CHECK (row_count >= 0),
  PRIMARY KEY (create_time, audit_event_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX audit_events_by_client
  ON audit_events (client_id, create_time, audit_event_id);

-- Rows are added and, once retention is over, deleted. What is younger than
-- half the shortest retention is not deleted by anybody.
CREATE TRIGGER audit_events_stay_as_they_are BEFORE UPDATE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit events are never changed'); END;

CREATE TRIGGER audit_events_stay_while_young BEFORE DELETE ON audit_events
WHEN OLD.create_time > (unixepoch() - 1800) * 1000000
BEGIN SELECT RAISE(ABORT, 'audit events are kept for a time'); END;
