-- The ends of chains that devices told of in heartbeats and the log did not hold then, each signed by its author: what
-- `holdfast verify` asks about. Most come a moment later. No log makes this again: devices tell it with their next heartbeats.
CREATE TABLE claimed_head (
  device_id uuid NOT NULL,
  record_id uuid NOT NULL,
  n int NOT NULL,
  hash bytea NOT NULL,
  signature text NOT NULL,
  told timestamptz NOT NULL,
  PRIMARY KEY (device_id, record_id)
);
ALTER TABLE claimed_head ENABLE ROW LEVEL SECURITY;
ALTER TABLE claimed_head FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON claimed_head TO holdfast_owner USING (true) WITH CHECK (true);
CREATE POLICY identity_all ON claimed_head TO holdfast_identity USING (true) WITH CHECK (true);
CREATE POLICY archive_read ON claimed_head FOR SELECT TO holdfast_archive USING (true);
GRANT SELECT, INSERT, UPDATE ON claimed_head TO holdfast_identity;
GRANT SELECT ON claimed_head TO holdfast_archive;
