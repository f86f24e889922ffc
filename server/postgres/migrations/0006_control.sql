-- Who may do what. People, devices, passkeys, codes and settings are subjects of the control log: each line holds the whole new
-- state of one subject, so that the last line of each is the projection, and its lines in order are its history.
ALTER TABLE control_line ALTER COLUMN device_id DROP NOT NULL;
ALTER TABLE control_line ADD COLUMN kind text, ADD COLUMN subject_id text;
CREATE INDEX control_line_subject ON control_line (kind, subject_id, position);

CREATE TABLE subject (
  kind text NOT NULL,
  subject_id text NOT NULL,
  -- Of a screen: row-level security needs it in clear.
  site_id text,
  position bigint NOT NULL,
  changed timestamptz NOT NULL,
  sealed bytea NOT NULL,
  PRIMARY KEY (kind, subject_id)
);
-- Devices are subjects like the rest. The server projects the enrolments that the log holds when it next opens the cell.
DROP FUNCTION append_device;
DROP TABLE device;

-- The only table that replay does not make again: who is signed in just now.
CREATE TABLE session (
  session_id uuid PRIMARY KEY,
  -- Null: a machine's own session, such as an integration's.
  user_id text,
  device_id uuid,
  zone text NOT NULL,
  -- RFC 7638 thumbprint of the key that its tokens are bound to.
  key_thumbprint text NOT NULL,
  started timestamptz NOT NULL DEFAULT now(),
  used timestamptz NOT NULL DEFAULT now(),
  ends timestamptz NOT NULL,
  -- SHA-256 of the refresh token in force, and of the one before it: used again, that one tells of theft.
  refresh_hash bytea NOT NULL,
  refresh_hash_before bytea,
  ended timestamptz,
  why_ended text,
  sealed bytea NOT NULL
);
CREATE INDEX session_of_user ON session (user_id) WHERE ended IS NULL;
CREATE INDEX session_of_device ON session (device_id) WHERE ended IS NULL;

-- Appends control lines and their subjects together. `expected`: the position that a subject's last line must have, null for
-- whatever it is; 'stale' has changed nothing. Not granted: the two functions below say who may write what.
CREATE FUNCTION write_control(
  by_device uuid, kinds text[], ids text[], sites text[], expected bigint[], hashes bytea[], line_seals bytea[],
  subject_seals bytea[]
) RETURNS TABLE (outcome text, at_epoch int, first_position bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  head log_head%ROWTYPE;
  now_ms timestamptz;
BEGIN
  SELECT * INTO head FROM log_head WHERE log = 'control' FOR UPDATE;
  now_ms := date_trunc('milliseconds', clock_timestamp());
  IF EXISTS (
    SELECT FROM unnest(kinds, ids, expected) AS c (kind, subject_id, expected)
    LEFT JOIN subject s USING (kind, subject_id)
    WHERE c.expected IS NOT NULL AND coalesce(s.position, 0) <> c.expected
  ) THEN
    RETURN QUERY SELECT 'stale', head.epoch, 0::bigint;
    RETURN;
  END IF;
  INSERT INTO control_line (position, epoch, received, device_id, hash, sealed, kind, subject_id)
  SELECT head.position + c.ord, head.epoch, now_ms, by_device, c.hash, c.sealed, c.kind, c.subject_id
  FROM unnest(kinds, ids, hashes, line_seals) WITH ORDINALITY AS c (kind, subject_id, hash, sealed, ord);
  UPDATE log_head SET position = head.position + cardinality(kinds) WHERE log = 'control';
  INSERT INTO subject
  SELECT DISTINCT ON (c.kind, c.subject_id) c.kind, c.subject_id, c.site_id, head.position + c.ord, now_ms, c.sealed
  FROM unnest(kinds, ids, sites, subject_seals) WITH ORDINALITY AS c (kind, subject_id, site_id, sealed, ord)
  ORDER BY c.kind, c.subject_id, c.ord DESC
  ON CONFLICT (kind, subject_id) DO UPDATE SET site_id = excluded.site_id, position = excluded.position,
    changed = excluded.changed, sealed = excluded.sealed;
  PERFORM pg_notify('holdfast_control', c.kind || ' ' || c.subject_id)
  FROM (SELECT DISTINCT k AS kind, i AS subject_id FROM unnest(kinds, ids) AS u (k, i)) c;
  RETURN QUERY SELECT 'committed', head.epoch, head.position + 1;
END $$;

-- The desk writes every kind.
CREATE FUNCTION append_control(
  by_device uuid, kinds text[], ids text[], sites text[], expected bigint[], hashes bytea[], line_seals bytea[],
  subject_seals bytea[]
) RETURNS TABLE (outcome text, at_epoch int, first_position bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT * FROM write_control(by_device, kinds, ids, sites, expected, hashes, line_seals, subject_seals)
$$;

-- Sign-in writes what a person or a device does for itself, and nothing that gives anybody a right.
CREATE FUNCTION append_identity(
  by_device uuid, kinds text[], ids text[], sites text[], expected bigint[], hashes bytea[], line_seals bytea[],
  subject_seals bytea[]
) RETURNS TABLE (outcome text, at_epoch int, first_position bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT kinds <@ ARRAY['device', 'passkey', 'enrolment-code', 'break-glass'] THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied: sign-in may not write this kind of subject';
  END IF;
  RETURN QUERY SELECT * FROM write_control(by_device, kinds, ids, sites, expected, hashes, line_seals, subject_seals);
END $$;

REVOKE EXECUTE ON FUNCTION write_control, append_control, append_identity FROM PUBLIC;

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['subject', 'session'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO holdfast_owner USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

GRANT USAGE ON SCHEMA public TO holdfast_identity, holdfast_control;

-- Sign-in serves every zone of a process: it knows who is who, and reads no record.
GRANT SELECT ON life, log_head, control_line, subject TO holdfast_identity;
GRANT SELECT, INSERT, UPDATE, DELETE ON session TO holdfast_identity;
GRANT EXECUTE ON FUNCTION append_identity TO holdfast_identity;
CREATE POLICY identity_all ON subject TO holdfast_identity USING (true);
CREATE POLICY identity_all ON session TO holdfast_identity USING (true) WITH CHECK (true);

-- The desk reads the control and access logs and who is signed in. It reads no care line by itself.
GRANT SELECT ON life, log_head, control_line, subject, access_line, session TO holdfast_control;
GRANT UPDATE (ended, why_ended) ON session TO holdfast_control;
GRANT EXECUTE ON FUNCTION append_control, append_access TO holdfast_control;
CREATE POLICY control_all ON subject TO holdfast_control USING (true);
CREATE POLICY control_all ON session TO holdfast_control USING (true) WITH CHECK (true);

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['life', 'log_head'] LOOP
    EXECUTE format('CREATE POLICY identity_read ON %I FOR SELECT TO holdfast_identity USING (true)', t);
    EXECUTE format('CREATE POLICY control_read ON %I FOR SELECT TO holdfast_control USING (true)', t);
  END LOOP;
  EXECUTE 'CREATE POLICY identity_read ON control_line FOR SELECT TO holdfast_identity USING (true)';
  EXECUTE 'CREATE POLICY control_read ON control_line FOR SELECT TO holdfast_control USING (true)';
  EXECUTE 'CREATE POLICY control_read ON access_line FOR SELECT TO holdfast_control USING (true)';
END $$;
