-- append_care anew: it also tells when the lines were received, ms since 1970, so that who seals them need not read them. Nothing else of
-- it changes.
DROP FUNCTION append_care;

CREATE FUNCTION append_care(
  touched uuid[], expected bigint[], last_ords bigint[], new_records uuid[], wrapped_keys bytea[],
  records uuid[], devices uuid[], ns int[], entry_ids uuid[], hashes bytea[], signatures text[], quarantines text[],
  seals bytea[],
  site_records uuid[], site_ids text[], site_gone int[], site_ords bigint[], site_last_ords bigint[], arrival_states text[], arrival_seals bytea[],
  search_records uuid[], token_records uuid[], tokens bytea[],
  holed_records uuid[], hole_records uuid[], hole_devices uuid[], hole_from int[], hole_to int[],
  pokes text[], boards text[]
) RETURNS TABLE (outcome text, at_epoch int, first_position bigint, at_ms bigint, ids uuid[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
-- See 0004: the look-ups are always by index, and planned once.
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
  head log_head%ROWTYPE;
  -- Milliseconds, because that is what a line shows and what its leaf is computed over.
  now_ms timestamptz;
  stale uuid[];
BEGIN
  UPDATE log_head SET position = position + cardinality(records) WHERE log = 'care' RETURNING * INTO head;
  head.position := head.position - cardinality(records);
  now_ms := date_trunc('milliseconds', clock_timestamp());

  SELECT array_agg(t.record_id) INTO stale
  FROM unnest(touched, expected) AS t (record_id, last_position)
  LEFT JOIN record_head h USING (record_id)
  WHERE coalesce(h.last_position, 0) <> t.last_position;
  IF stale IS NOT NULL THEN
    UPDATE log_head SET position = head.position WHERE log = 'care';
    RETURN QUERY SELECT 'stale', head.epoch, 0::bigint, 0::bigint, stale;
    RETURN;
  END IF;

  INSERT INTO care_line
  SELECT head.position + l.ord, head.epoch, now_ms, l.device_id, l.record_id, l.n, l.entry_id, l.hash, l.signature,
         l.quarantine, l.sealed
  FROM unnest(records, devices, ns, entry_ids, hashes, signatures, quarantines, seals) WITH ORDINALITY
    AS l (record_id, device_id, n, entry_id, hash, signature, quarantine, sealed, ord);

  INSERT INTO record_head
  SELECT t.record_id, head.position + t.ord, now_ms FROM unnest(touched, last_ords) AS t (record_id, ord)
  ON CONFLICT (record_id) DO UPDATE SET last_position = excluded.last_position, last_received = excluded.last_received;

  IF cardinality(new_records) > 0 THEN
    INSERT INTO record_key SELECT * FROM unnest(new_records, wrapped_keys);
  END IF;

  IF cardinality(site_records) > 0 THEN
    INSERT INTO record_site
    SELECT s.record_id, s.site_id, head.position + s.ord, now_ms, s.gone = 1, now_ms
    FROM unnest(site_records, site_ids, site_gone, site_ords) AS s (record_id, site_id, gone, ord)
    ON CONFLICT (record_id, site_id) DO UPDATE SET gone = excluded.gone, last_received = excluded.last_received;

    INSERT INTO arrival
    SELECT a.record_id, a.site_id, head.position + a.ord, a.state, a.sealed
    FROM unnest(site_records, site_ids, site_last_ords, arrival_states, arrival_seals)
      AS a (record_id, site_id, ord, state, sealed)
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

  -- `epoch position record:ord …`: the ords count from that position.
  PERFORM pg_notify('holdfast_care', concat_ws(' ', head.epoch, head.position, p.poke)) FROM unnest(pokes) AS p (poke);
  PERFORM pg_notify('holdfast_arrivals', b.board) FROM unnest(boards) AS b (board);

  RETURN QUERY SELECT 'committed', head.epoch, head.position + 1, (extract(epoch FROM now_ms) * 1000)::bigint, NULL::uuid[];
END $$;
REVOKE EXECUTE ON FUNCTION append_care FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_care TO holdfast_ingest;
