-- Who changed what, and who was refused it. An event outlives its client and
-- all else that it names, so nothing is referred to.

CREATE TABLE audit_events (
  audit_event_id UUID NOT NULL,
  create_time BIGINT NOT NULL,
  principal TEXT NOT NULL,
  client_id UUID,
  method TEXT NOT NULL,
  event TEXT NOT NULL,
  peer TEXT NOT NULL,
  request_id TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome <> ''),
  resources TEXT NOT NULL,
  row_count BIGINT NOT NULL CHECK (row_count >= 0),
  PRIMARY KEY (create_time, audit_event_id)
);

CREATE INDEX audit_events_by_client
  ON audit_events (client_id, create_time, audit_event_id);

-- Rows are added and, once retention is over, deleted. What is younger than
-- half the shortest retention is not deleted by anybody.
CREATE FUNCTION audit_events_refuse() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'audit events stay as they are'; END $$;

CREATE TRIGGER audit_events_stay_as_they_are
  BEFORE UPDATE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION audit_events_refuse();

CREATE TRIGGER audit_events_stay_while_young
  BEFORE DELETE ON audit_events
  FOR EACH ROW
  WHEN (OLD.create_time
    > (extract(epoch FROM clock_timestamp()) - 1800) * 1000000)
  EXECUTE FUNCTION audit_events_refuse();

CREATE TRIGGER audit_events_stay_together
  BEFORE TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse();
