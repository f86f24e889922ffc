-- A standby's database is fed from the archive. What is pushed to it has no place in the log yet: it is held beside it, shown with
-- the record, and given to the log when this server becomes the base. `base` is empty of it.
ALTER TABLE life ADD COLUMN mode text NOT NULL DEFAULT 'base' CHECK (mode IN ('base', 'standby'));

CREATE TABLE held_line (
  held bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  received timestamptz NOT NULL,
  record_id uuid NOT NULL,
  device_id uuid NOT NULL,
  n int,
  entry_id uuid,
  hash bytea NOT NULL,
  signature text,
  quarantine text,
  sealed bytea NOT NULL
);
CREATE UNIQUE INDEX held_line_hash ON held_line (hash, record_id);
CREATE INDEX held_line_record ON held_line (record_id);
CREATE INDEX held_line_entry ON held_line (entry_id);

ALTER TABLE held_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE held_line FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON held_line TO holdfast_owner USING (true) WITH CHECK (true);
CREATE POLICY trust_all ON held_line FOR SELECT TO holdfast_crew USING (true);
CREATE POLICY care_site ON held_line FOR SELECT TO holdfast_care
  USING (EXISTS (SELECT FROM record_site s WHERE s.record_id = held_line.record_id));
GRANT SELECT ON held_line TO holdfast_crew, holdfast_care;

CREATE FUNCTION held_lines(ids uuid[])
RETURNS TABLE (record_id uuid, held bigint, received timestamptz, device_id uuid, hash bytea, signature text, sealed bytea)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT h.record_id, h.held, h.received, h.device_id, h.hash, h.signature, h.sealed
  FROM held_line h WHERE h.record_id = ANY (ids) AND h.quarantine IS NULL ORDER BY h.held
$$;
CREATE FUNCTION held_for_site(site text, ids uuid[])
RETURNS TABLE (record_id uuid, held bigint, received timestamptz, device_id uuid, hash bytea, signature text, sealed bytea)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('holdfast.site', site, true);
  RETURN QUERY SELECT * FROM held_lines(ids);
END $$;
REVOKE EXECUTE ON FUNCTION held_lines, held_for_site FROM PUBLIC;
GRANT EXECUTE ON FUNCTION held_lines TO holdfast_crew, holdfast_care;
GRANT EXECUTE ON FUNCTION held_for_site TO holdfast_care;
