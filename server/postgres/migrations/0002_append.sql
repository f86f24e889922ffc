-- The hot path: one call per group of waiting pushes, which is one statement and one transaction.
-- Answers 'stale' or 'id-taken' having changed nothing.
CREATE FUNCTION append_care(
  touched uuid[], expected bigint[], wrapped_keys bytea[],
  records uuid[], devices uuid[], ns int[], entry_ids uuid[], hashes bytea[], signatures text[], quarantines text[],
  seals bytea[],
  site_records uuid[], site_ids text[], site_gone int[], site_ords bigint[], arrival_states text[], arrival_seals bytea[],
  search_records uuid[], token_records uuid[], tokens bytea[],
  holed_records uuid[], hole_records uuid[], hole_devices uuid[], hole_from int[], hole_to int[]
) RETURNS TABLE (outcome text, at_epoch int, first_position bigint, ids uuid[], stored bytea[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  head log_head%ROWTYPE;
  -- Milliseconds, because that is what a line shows and what its leaf is computed over.
  now_ms timestamptz;
  stale uuid[];
  board text;
BEGIN
  SELECT * INTO head FROM log_head WHERE log = 'care' FOR UPDATE;
  now_ms := date_trunc('milliseconds', clock_timestamp());

  SELECT array_agg(t.record_id) INTO stale
  FROM unnest(touched, expected) AS t (record_id, last_position)
  LEFT JOIN record_head h USING (record_id)
  WHERE coalesce(h.last_position, 0) <> t.last_position;
  IF stale IS NOT NULL THEN
    RETURN QUERY SELECT 'stale', head.epoch, 0::bigint, stale, NULL::bytea[];
    RETURN;
  END IF;

  BEGIN
    INSERT INTO care_line
    SELECT head.position + l.ord, head.epoch, now_ms, l.device_id, l.record_id, l.n, l.entry_id, l.hash, l.signature,
           l.quarantine, l.sealed
    FROM unnest(records, devices, ns, entry_ids, hashes, signatures, quarantines, seals) WITH ORDINALITY
      AS l (record_id, device_id, n, entry_id, hash, signature, quarantine, sealed, ord);
  EXCEPTION WHEN unique_violation THEN
    RETURN QUERY SELECT 'id-taken', head.epoch, 0::bigint, array_agg(c.entry_id), array_agg(c.hash)
                 FROM care_line c WHERE c.entry_id = ANY (entry_ids);
    RETURN;
  END;

  UPDATE log_head SET position = head.position + cardinality(records) WHERE log = 'care';

  INSERT INTO record_key
  SELECT k.record_id, k.wrapped FROM unnest(touched, wrapped_keys) AS k (record_id, wrapped) WHERE k.wrapped IS NOT NULL;

  INSERT INTO record_head
  SELECT l.record_id, head.position + max(l.ord), now_ms FROM unnest(records) WITH ORDINALITY AS l (record_id, ord)
  GROUP BY l.record_id
  ON CONFLICT (record_id) DO UPDATE SET last_position = excluded.last_position, last_received = excluded.last_received;

  IF cardinality(site_records) > 0 THEN
    INSERT INTO record_site
    SELECT s.record_id, s.site_id, head.position + s.ord, now_ms, s.gone = 1, now_ms
    FROM unnest(site_records, site_ids, site_gone, site_ords) AS s (record_id, site_id, gone, ord)
    ON CONFLICT (record_id, site_id) DO UPDATE SET gone = excluded.gone, last_received = excluded.last_received;

    INSERT INTO arrival
    SELECT a.record_id, a.site_id, h.last_position, a.state, a.sealed
    FROM unnest(site_records, site_ids, arrival_states, arrival_seals) AS a (record_id, site_id, state, sealed)
    JOIN record_head h USING (record_id)
    ON CONFLICT (record_id, site_id)
    DO UPDATE SET position = excluded.position, state = excluded.state, sealed = excluded.sealed;
  END IF;

  IF cardinality(search_records) > 0 THEN
    DELETE FROM search_token WHERE record_id = ANY (search_records);
    INSERT INTO search_token SELECT t.token, t.record_id FROM unnest(tokens, token_records) AS t (token, record_id)
    ON CONFLICT DO NOTHING;
  END IF;

  IF cardinality(holed_records) > 0 THEN
    DELETE FROM chain_hole WHERE record_id = ANY (holed_records);
    INSERT INTO chain_hole SELECT * FROM unnest(hole_records, hole_devices, hole_from, hole_to);
  END IF;

  -- A payload is at most 8,000 bytes, so a large group pokes in slices.
  PERFORM pg_notify('holdfast_care', head.epoch || ' ' || s.slice)
  FROM (
    SELECT string_agg(h.record_id || ':' || h.last_position, ' ') AS slice
    FROM (SELECT record_id, last_position, row_number() OVER () / 120 AS part
          FROM record_head WHERE record_id = ANY (touched)) h
    GROUP BY h.part
  ) s;
  FOR board IN SELECT DISTINCT unnest(site_ids) LOOP
    PERFORM pg_notify('holdfast_arrivals', board);
  END LOOP;

  RETURN QUERY SELECT 'committed', head.epoch, head.position + 1, NULL::uuid[], NULL::bytea[];
END $$;

CREATE FUNCTION append_access(devices uuid[], hashes bytea[], seals bytea[])
RETURNS TABLE (at_epoch int, first_position bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  head log_head%ROWTYPE;
BEGIN
  SELECT * INTO head FROM log_head WHERE log = 'access' FOR UPDATE;
  INSERT INTO access_line
  SELECT head.position + l.ord, head.epoch, date_trunc('milliseconds', clock_timestamp()), l.device_id, l.hash, l.sealed
  FROM unnest(devices, hashes, seals) WITH ORDINALITY AS l (device_id, hash, sealed, ord);
  UPDATE log_head SET position = head.position + cardinality(devices) WHERE log = 'access';
  RETURN QUERY SELECT head.epoch, head.position + 1;
END $$;

-- A device's enrolment: its control line and its row, together. Enrolling again with the same id replaces the row.
CREATE FUNCTION append_device(device uuid, hash bytea, line_sealed bytea, device_zone text, device_site text, device_sealed bytea)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  head log_head%ROWTYPE;
  now_ms timestamptz;
BEGIN
  SELECT * INTO head FROM log_head WHERE log = 'control' FOR UPDATE;
  now_ms := date_trunc('milliseconds', clock_timestamp());
  INSERT INTO control_line VALUES (head.position + 1, head.epoch, now_ms, device, hash, line_sealed);
  UPDATE log_head SET position = head.position + 1 WHERE log = 'control';
  INSERT INTO device VALUES (device, device_zone, device_site, head.position + 1, now_ms, device_sealed)
  ON CONFLICT (device_id) DO UPDATE SET zone = excluded.zone, site_id = excluded.site_id,
    position = excluded.position, enrolled = excluded.enrolled, sealed = excluded.sealed;
  PERFORM pg_notify('holdfast_control', device::text);
  RETURN head.position + 1;
END $$;

-- Reads of the care zone. The site holds for this statement's transaction and the policies below do the rest, so that a
-- forgotten WHERE shows nothing.
CREATE FUNCTION heads_for_site(site text, ids uuid[])
RETURNS TABLE (record_id uuid, last_position bigint)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('holdfast.site', site, true);
  RETURN QUERY SELECT h.record_id, h.last_position FROM record_head h WHERE h.record_id = ANY (ids);
END $$;

CREATE FUNCTION lines_for_site(site text, ids uuid[], after bigint[], lines_max int)
RETURNS TABLE (record_id uuid, "position" bigint, received timestamptz, device_id uuid, hash bytea, signature text,
               quarantine text, sealed bytea)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('holdfast.site', site, true);
  RETURN QUERY SELECT * FROM lines_after(ids, after, lines_max);
END $$;

CREATE FUNCTION lines_after(ids uuid[], after bigint[], lines_max int)
RETURNS TABLE (record_id uuid, "position" bigint, received timestamptz, device_id uuid, hash bytea, signature text,
               quarantine text, sealed bytea)
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
  SELECT c.record_id, c.position, c.received, c.device_id, c.hash, c.signature, c.quarantine, c.sealed
  FROM unnest(ids, after) WITH ORDINALITY AS a (record_id, position, ord)
  CROSS JOIN LATERAL (
    SELECT * FROM care_line l WHERE l.record_id = a.record_id AND l.position > a.position
    ORDER BY l.position LIMIT lines_max
  ) c
  ORDER BY a.ord, c.position LIMIT lines_max
$$;

CREATE FUNCTION keys_for_site(site text, ids uuid[])
RETURNS TABLE (record_id uuid, wrapped bytea)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('holdfast.site', site, true);
  RETURN QUERY SELECT k.record_id, k.wrapped FROM record_key k WHERE k.record_id = ANY (ids);
END $$;

CREATE FUNCTION arrivals_for_site(site text)
RETURNS TABLE (record_id uuid, state text, sealed bytea)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('holdfast.site', site, true);
  RETURN QUERY SELECT a.record_id, a.state, a.sealed FROM arrival a
    JOIN record_site s ON s.record_id = a.record_id AND s.site_id = a.site_id
    -- The first bound is what the index finds; nobody is two days on the way.
    WHERE s.since_received > now() - interval '48 hours' AND s.last_received > now() - interval '12 hours';
END $$;

CREATE FUNCTION blob_for_site(site text, in_record uuid, of_sha256 bytea)
RETURNS TABLE (bytes bigint, stored bigint, complete boolean, sealed_type bytea)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('holdfast.site', site, true);
  RETURN QUERY SELECT b.bytes, b.stored, b.complete, b.sealed_type FROM blob b
    WHERE b.record_id = in_record AND b.sha256 = of_sha256;
END $$;

CREATE FUNCTION chunks_for_site(site text, in_record uuid, of_sha256 bytea, from_start bigint, to_start bigint)
RETURNS TABLE (start bigint, sealed bytea)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('holdfast.site', site, true);
  RETURN QUERY SELECT c.start, c.sealed FROM blob_chunk c
    WHERE c.record_id = in_record AND c.sha256 = of_sha256 AND c.start BETWEEN from_start AND to_start ORDER BY c.start;
END $$;

CREATE FUNCTION record_of_entry(site text, of_entry uuid) RETURNS uuid
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('holdfast.site', site, true);
  RETURN (SELECT c.record_id FROM care_line c WHERE c.entry_id = of_entry);
END $$;
