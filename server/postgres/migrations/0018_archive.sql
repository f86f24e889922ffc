-- How far each log has been sealed into the archive, and what the next segment goes on from. The letterbox's own answer is the
-- truth; this saves reading the whole log again at a start. It may be lost, and is then made again.
CREATE TABLE archive_mark (
  log text PRIMARY KEY CHECK (log IN ('care', 'access', 'control')),
  epoch int NOT NULL,
  position bigint NOT NULL,
  -- SHA-256 of the last segment's file.
  segment_hash bytea NOT NULL,
  -- The roots of the complete subtrees of the log's tree up to here, largest first, 32 bytes each.
  frontier bytea NOT NULL,
  sealed_at timestamptz NOT NULL
);
ALTER TABLE archive_mark ENABLE ROW LEVEL SECURITY;
ALTER TABLE archive_mark FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON archive_mark TO holdfast_owner USING (true) WITH CHECK (true);

-- Reads every line, changes none.
GRANT USAGE ON SCHEMA public TO holdfast_archive;
GRANT SELECT ON life, log_head, care_line, record_key, disposed_record, access_line, control_line TO holdfast_archive;
GRANT SELECT, INSERT, UPDATE ON archive_mark TO holdfast_archive;
DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['life', 'log_head', 'care_line', 'record_key', 'disposed_record', 'access_line', 'control_line'] LOOP
    EXECUTE format('CREATE POLICY archive_read ON %I FOR SELECT TO holdfast_archive USING (true)', t);
  END LOOP;
END $$;
CREATE POLICY archive_all ON archive_mark TO holdfast_archive USING (true) WITH CHECK (true);

-- Every zone says of an entry whether it is in the archive.
GRANT SELECT ON archive_mark TO holdfast_identity;
CREATE POLICY identity_read ON archive_mark FOR SELECT TO holdfast_identity USING (true);
CREATE FUNCTION tell_archived() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('holdfast_archive', concat_ws(' ', NEW.log, NEW.epoch, NEW.position));
  RETURN NULL;
END $$;
CREATE TRIGGER archive_moved AFTER INSERT OR UPDATE ON archive_mark FOR EACH ROW EXECUTE FUNCTION tell_archived();
