-- What each device last said of itself. No log makes this again: the device's next heartbeat does.
CREATE TABLE device_heartbeat (
  device_id uuid PRIMARY KEY,
  -- Of the device's control line then: whoever changed the device since begins the counter anew.
  device_position bigint NOT NULL,
  counter bigint NOT NULL,
  -- The counter of the last heartbeat whose answer had reached the device.
  answered bigint NOT NULL,
  beat timestamptz NOT NULL,
  -- Chains that it told of, and entries of them that are not here: neither in the log nor waiting for the desk.
  chains int NOT NULL,
  lacks int NOT NULL
);
ALTER TABLE device_heartbeat ENABLE ROW LEVEL SECURITY;
ALTER TABLE device_heartbeat FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON device_heartbeat TO holdfast_owner USING (true) WITH CHECK (true);
CREATE POLICY identity_all ON device_heartbeat TO holdfast_identity USING (true) WITH CHECK (true);
CREATE POLICY control_read ON device_heartbeat FOR SELECT TO holdfast_control USING (true);
GRANT SELECT, INSERT, UPDATE ON device_heartbeat TO holdfast_identity;
GRANT SELECT ON device_heartbeat TO holdfast_control;

-- A heartbeat asks for holes of the chains it names.
CREATE POLICY ingest_read ON chain_hole FOR SELECT TO holdfast_ingest USING (true);
GRANT SELECT ON chain_hole TO holdfast_ingest;

-- What waits for the desk. Few lines are of this kind, and appending the others does not touch it.
CREATE INDEX care_line_revoked ON care_line (device_id, record_id) WHERE quarantine = 'revoked-device';
