-- The end of a record on this server: its key goes, with everything that is made from its entries. The lines stay where they are
-- in the log, because positions are gapless and what is proved over them must not change; without the key they are noise.

-- Projection of the control log: the records that ended, and up to which line. What comes later, as from a tablet that was away
-- for weeks, is sealed under a key of its own and is what remains of the record.
CREATE TABLE disposed_record (
  record_id uuid PRIMARY KEY,
  through_position bigint NOT NULL,
  disposed timestamptz NOT NULL
);
ALTER TABLE disposed_record ENABLE ROW LEVEL SECURITY;
ALTER TABLE disposed_record FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON disposed_record TO holdfast_owner USING (true) WITH CHECK (true);
-- Ids, places and times: every process must know what ended, ingest up to which line.
CREATE POLICY read_all ON disposed_record FOR SELECT TO holdfast_ingest, holdfast_identity, holdfast_control USING (true);
GRANT SELECT ON disposed_record TO holdfast_ingest, holdfast_identity, holdfast_control;

-- Not granted: dispose_record calls it, and replay does. Done again it changes nothing: a key with lines after the end is the key
-- of those, and attachments that began after it are not the record's that ended.
CREATE FUNCTION end_record(ended uuid, through bigint, at_time timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO disposed_record VALUES (ended, through, at_time) ON CONFLICT (record_id)
  DO UPDATE SET through_position = excluded.through_position, disposed = excluded.disposed
  WHERE disposed_record.through_position < excluded.through_position;
  DELETE FROM record_site WHERE record_id = ended;
  DELETE FROM arrival WHERE record_id = ended;
  DELETE FROM search_token WHERE record_id = ended;
  DELETE FROM chain_hole WHERE record_id = ended;
  DELETE FROM blob_chunk c USING blob b
  WHERE c.record_id = ended AND b.record_id = ended AND b.sha256 = c.sha256 AND b.started <= at_time;
  DELETE FROM blob WHERE record_id = ended AND started <= at_time;
  IF EXISTS (SELECT FROM care_line c WHERE c.record_id = ended AND c.position > through) THEN
    RETURN;
  END IF;
  DELETE FROM record_key WHERE record_id = ended;
  -- Also what makes an append stale that still knows the key: its process reads the record anew, and makes another.
  DELETE FROM record_head WHERE record_id = ended;
END $$;

-- Ends a record and writes the control lines that say so, in one transaction. The lines name the position at which the record's
-- own subject was read, so that a legal hold which was set meanwhile makes them 'stale'. 'moved': an entry came after `through`.
-- Both have changed nothing.
CREATE FUNCTION dispose_record(
  ended uuid, through bigint, at_time timestamptz,
  by_device uuid, kinds text[], ids text[], sites text[], expected bigint[], hashes bytea[], line_seals bytea[],
  subject_seals bytea[]
) RETURNS TABLE (outcome text, at_epoch int, first_position bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  care log_head%ROWTYPE;
  written record;
  boards text[];
BEGIN
  -- Heads are locked in the order of their names: access, care, control.
  SELECT * INTO care FROM log_head WHERE log = 'care' FOR UPDATE;
  IF through IS DISTINCT FROM (SELECT max(c.position) FROM care_line c WHERE c.record_id = ended) THEN
    RETURN QUERY SELECT 'moved', care.epoch, 0::bigint;
    RETURN;
  END IF;
  SELECT * INTO written FROM write_control(by_device, kinds, ids, sites, expected, hashes, line_seals, subject_seals);
  IF written.outcome = 'committed' THEN
    SELECT array_agg(s.site_id) INTO boards FROM record_site s WHERE s.record_id = ended;
    PERFORM end_record(ended, through, at_time);
    -- Whatever the caller's clock says.
    DELETE FROM blob_chunk WHERE record_id = ended;
    DELETE FROM blob WHERE record_id = ended;
    PERFORM pg_notify('holdfast_care', concat_ws(' ', care.epoch, through, ended || ':0'));
    PERFORM pg_notify('holdfast_arrivals', b.board) FROM unnest(boards) AS b (board);
  END IF;
  RETURN QUERY SELECT written.outcome, written.at_epoch, written.first_position;
END $$;

-- The place of a record's newest line.
CREATE FUNCTION place_of_record(of_record uuid) RETURNS TABLE (epoch int, last_position bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.epoch, c.position FROM care_line c WHERE c.record_id = of_record ORDER BY c.position DESC LIMIT 1
$$;

-- The records for which something came after their end, newest first.
CREATE FUNCTION late_records(rows_max int)
RETURNS TABLE (record_id uuid, disposed timestamptz, entries bigint, last_received timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT d.record_id, d.disposed, (SELECT count(*) FROM care_line c
    WHERE c.record_id = d.record_id AND c.position > d.through_position), h.last_received
  FROM disposed_record d JOIN record_head h USING (record_id)
  ORDER BY h.last_received DESC LIMIT rows_max
$$;

-- FHIR ids are made of entries': whose record has ended, or null. Who asks about an entry's id has been told it.
CREATE FUNCTION disposed_record_of(of_entry uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.record_id FROM care_line c JOIN disposed_record d USING (record_id) WHERE c.entry_id = of_entry
$$;

-- As before, without the lines of what has ended.
CREATE OR REPLACE FUNCTION record_for_desk(of_record uuid)
RETURNS TABLE ("position" bigint, received timestamptz, hash bytea, sealed bytea, wrapped bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.position, c.received, c.hash, c.sealed, k.wrapped FROM care_line c JOIN record_key k USING (record_id)
  LEFT JOIN disposed_record d USING (record_id)
  WHERE c.record_id = of_record AND c.quarantine IS NULL AND c.position > coalesce(d.through_position, 0) AND EXISTS (
    SELECT FROM access_line a WHERE a.record_ids @> ARRAY[of_record] AND a.action IN ('desk-read', 'desk-copy')
    AND a.received > now() - interval '1 minute')
  ORDER BY c.position LIMIT 50000
$$;

REVOKE EXECUTE ON FUNCTION end_record, dispose_record, place_of_record, late_records, disposed_record_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dispose_record, place_of_record, late_records TO holdfast_control;
GRANT EXECUTE ON FUNCTION disposed_record_of TO holdfast_care;
