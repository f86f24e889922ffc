-- Who may touch what. Row-level security is forced, so that it holds for the owner too; the owner's policy says so openly.
-- Roles: holdfast_ingest appends to the care log for every zone of a process and projects; holdfast_crew and
-- holdfast_care only read, each what its zone needs. Nobody but the owner changes or deletes a line.
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO holdfast_ingest, holdfast_crew, holdfast_care;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;

DO $$
DECLARE
  t text;
BEGIN
  FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY owner_all ON %I TO holdfast_owner USING (true) WITH CHECK (true)', t);
  END LOOP;
  -- A trust's own tablets and the ingest path see every row of what they are granted: the database is the trust's alone.
  FOREACH t IN ARRAY ARRAY['life', 'log_head', 'care_line', 'record_key', 'record_head', 'device', 'blob', 'blob_chunk'] LOOP
    EXECUTE format('CREATE POLICY trust_all ON %I TO holdfast_ingest, holdfast_crew USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;

GRANT SELECT ON life, log_head, care_line, record_key, record_head, device TO holdfast_ingest;
GRANT EXECUTE ON FUNCTION append_care, append_device TO holdfast_ingest;

GRANT SELECT ON life, log_head, care_line, record_key, record_head, device TO holdfast_crew;
GRANT SELECT, INSERT, UPDATE, DELETE ON blob, blob_chunk TO holdfast_crew;
GRANT EXECUTE ON FUNCTION append_access, lines_after TO holdfast_crew;

-- The care zone sees a record while it is on its way to the session's site, and for twelve hours after its last line if it
-- went elsewhere, so that a diversion shows.
GRANT SELECT ON life, log_head, care_line, record_key, record_head, record_site, arrival, blob, blob_chunk, device TO holdfast_care;
GRANT EXECUTE ON FUNCTION append_access, lines_after, heads_for_site, lines_for_site, keys_for_site, arrivals_for_site,
  blob_for_site, chunks_for_site, record_of_entry TO holdfast_care;

CREATE POLICY care_life ON life FOR SELECT TO holdfast_care USING (true);
CREATE POLICY care_heads ON log_head FOR SELECT TO holdfast_care USING (true);
CREATE POLICY care_site ON record_site FOR SELECT TO holdfast_care
  USING (site_id = current_setting('holdfast.site', true)
         AND (NOT gone OR last_received > now() - interval '12 hours'));
CREATE POLICY care_arrival ON arrival FOR SELECT TO holdfast_care
  USING (site_id = current_setting('holdfast.site', true)
         AND EXISTS (SELECT FROM record_site s WHERE s.record_id = arrival.record_id AND s.site_id = arrival.site_id));
-- Whoever may read a signed entry may know who signed it, and no more of the device than its zone.
CREATE POLICY care_device ON device FOR SELECT TO holdfast_care
  USING (site_id = current_setting('holdfast.site', true));

DO $$
DECLARE
  t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['care_line', 'record_key', 'record_head', 'blob', 'blob_chunk'] LOOP
    EXECUTE format(
      'CREATE POLICY care_site ON %I FOR SELECT TO holdfast_care
         USING (EXISTS (SELECT FROM record_site s WHERE s.record_id = %I.record_id))', t, t);
  END LOOP;
END $$;
