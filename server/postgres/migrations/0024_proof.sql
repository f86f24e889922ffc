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
GRANT SELECT, INSERT, UPDATE, DELETE ON claimed_head TO holdfast_identity;
GRANT SELECT ON claimed_head TO holdfast_archive;

-- Who reads every line to prove it writes one of its own: what it found.
CREATE FUNCTION append_proof(
  by_device uuid, kinds text[], ids text[], sites text[], expected bigint[], hashes bytea[], line_seals bytea[],
  subject_seals bytea[]
) RETURNS TABLE (outcome text, at_epoch int, first_position bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT kinds <@ ARRAY['proof'] THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied: a proof writes what it found, and nothing else';
  END IF;
  RETURN QUERY SELECT * FROM write_control(by_device, kinds, ids, sites, expected, hashes, line_seals, subject_seals);
END $$;
REVOKE EXECUTE ON FUNCTION append_proof FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_proof TO holdfast_archive;
