-- A person with a patient in front of them finds and opens the record of another crew or site, for a reason. The words that
-- find it are blinded before they come here; what is found is ids alone, which the access line then names.
CREATE FUNCTION find_records(all_of bytea[], most int) RETURNS TABLE (record_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.record_id FROM search_token t JOIN record_head h USING (record_id)
  -- The first word is the rarest: the others are looked up for what it finds.
  WHERE t.token = all_of[1] AND NOT EXISTS (
    SELECT FROM unnest(all_of[2:]) AS w (token)
    WHERE NOT EXISTS (SELECT FROM search_token s WHERE s.token = w.token AND s.record_id = t.record_id))
  ORDER BY h.last_received DESC, t.record_id LIMIT least(most, 20)
$$;

-- Whether this person has said, on this device and just now, why this record is opened or found. Nobody calls it but the functions below.
CREATE FUNCTION has_said_why(device uuid, person text, of_record uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (
    SELECT FROM access_line a WHERE a.record_ids @> ARRAY[of_record] AND a.action IN ('break-glass', 'find')
    AND a.device_id = device AND a.user_id = person AND a.received > now() - interval '1 minute')
$$;
-- As for accesses_of_record: a record's accesses are few and have an index.
ALTER FUNCTION has_said_why SET enable_seqscan = off;

-- What row-level security hides from a hospital's site, once the access line that says why has committed. Quarantined lines are
-- told of as in lines_after, and opened for nobody.
CREATE FUNCTION heads_behind_glass(device uuid, person text, ids uuid[])
RETURNS TABLE (record_id uuid, last_position bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT h.record_id, h.last_position FROM record_head h
  WHERE h.record_id = ANY (ids) AND has_said_why(device, person, h.record_id)
$$;

CREATE FUNCTION lines_behind_glass(device uuid, person text, ids uuid[], after bigint[], lines_max int)
RETURNS TABLE (record_id uuid, "position" bigint, received timestamptz, device_id uuid, hash bytea, signature text,
               quarantine text, sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH said AS MATERIALIZED (
    SELECT a.record_id, a.position, a.ord FROM unnest(ids, after) WITH ORDINALITY AS a (record_id, position, ord)
    WHERE has_said_why(device, person, a.record_id))
  SELECT l.* FROM lines_after(
    (SELECT array_agg(s.record_id ORDER BY s.ord) FROM said s), (SELECT array_agg(s.position ORDER BY s.ord) FROM said s),
    lines_max) l
$$;

CREATE FUNCTION keys_behind_glass(device uuid, person text, ids uuid[])
RETURNS TABLE (record_id uuid, wrapped bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT k.record_id, k.wrapped FROM record_key k
  WHERE k.record_id = ANY (ids) AND has_said_why(device, person, k.record_id)
$$;

CREATE FUNCTION blob_behind_glass(device uuid, person text, in_record uuid, of_sha256 bytea)
RETURNS TABLE (bytes bigint, stored bigint, complete boolean, sealed_type bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT b.bytes, b.stored, b.complete, b.sealed_type FROM blob b
  WHERE b.record_id = in_record AND b.sha256 = of_sha256 AND has_said_why(device, person, in_record)
$$;

CREATE FUNCTION chunks_behind_glass(
  device uuid, person text, in_record uuid, of_sha256 bytea, from_start bigint, to_start bigint
) RETURNS TABLE (start bigint, sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.start, c.sealed FROM blob_chunk c
  WHERE c.record_id = in_record AND c.sha256 = of_sha256 AND c.start BETWEEN from_start AND to_start
    AND has_said_why(device, person, in_record)
  ORDER BY c.start
$$;

GRANT EXECUTE ON FUNCTION find_records TO holdfast_crew, holdfast_care;
GRANT EXECUTE ON FUNCTION heads_behind_glass, lines_behind_glass, keys_behind_glass, blob_behind_glass, chunks_behind_glass
  TO holdfast_care;

-- A look-up is reviewed as what it opens is.
DROP INDEX access_line_broken_glass;
CREATE INDEX access_line_broken_glass ON access_line (received) WHERE action IN ('break-glass', 'find');
