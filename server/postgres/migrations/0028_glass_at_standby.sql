-- A standby's database takes no access line: those wait in the standby's journal until it is the base. Who has said there why a record is
-- opened or found is noted here too, beside the log, so that the functions behind the glass find it. `base` is empty of it.
CREATE TABLE said_at_standby (
  received timestamptz NOT NULL DEFAULT now(),
  device_id uuid NOT NULL,
  user_id text NOT NULL,
  record_ids uuid[] NOT NULL
);
CREATE INDEX said_at_standby_received ON said_at_standby (received);
ALTER TABLE said_at_standby ENABLE ROW LEVEL SECURITY;
ALTER TABLE said_at_standby FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON said_at_standby TO holdfast_owner USING (true) WITH CHECK (true);

CREATE FUNCTION say_at_standby(device uuid, person text, ids uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF (SELECT mode FROM life) <> 'standby' THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied: at a base the access log says it';
  END IF;
  INSERT INTO said_at_standby (device_id, user_id, record_ids) VALUES (device, person, ids);
END $$;

CREATE OR REPLACE FUNCTION has_said_why(device uuid, person text, of_record uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
  SELECT EXISTS (
    SELECT FROM access_line a WHERE a.record_ids @> ARRAY[of_record] AND a.action IN ('break-glass', 'find')
    AND a.device_id = device AND a.user_id = person AND a.received > now() - interval '1 minute')
  OR EXISTS (
    SELECT FROM said_at_standby s WHERE s.received > now() - interval '1 minute'
    AND s.device_id = device AND s.user_id = person AND s.record_ids @> ARRAY[of_record])
$$;

CREATE FUNCTION held_behind_glass(device uuid, person text, ids uuid[])
RETURNS TABLE (record_id uuid, held bigint, received timestamptz, device_id uuid, hash bytea, signature text, sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT h.record_id, h.held, h.received, h.device_id, h.hash, h.signature, h.sealed
  FROM held_line h WHERE h.record_id = ANY (ids) AND h.quarantine IS NULL AND has_said_why(device, person, h.record_id)
  ORDER BY h.held
$$;

REVOKE EXECUTE ON FUNCTION say_at_standby, held_behind_glass FROM PUBLIC;
GRANT EXECUTE ON FUNCTION say_at_standby, held_behind_glass TO holdfast_care;
