-- A line that a server noted beside the log, which could not take it then, was when it was noted: a standby's, or a base's without its
-- database. Clear, as `offline_at` is, so that a question between two times finds it. Its text there is the truth.
ALTER TABLE access_line ADD COLUMN noted_at timestamptz;
CREATE INDEX access_line_noted_user ON access_line (user_id, noted_at) WHERE noted_at IS NOT NULL;
CREATE INDEX access_line_noted_device ON access_line (device_id, noted_at) WHERE noted_at IS NOT NULL;
CREATE INDEX access_line_noted ON access_line (noted_at) WHERE noted_at IS NOT NULL;
-- What a journal hands over, here or at another server, is in the log once; also a line without a device, such as the refusal of a caller
-- that showed none.
CREATE INDEX access_line_given_alone ON access_line (given_id) WHERE given_id IS NOT NULL AND device_id IS NULL;

DROP FUNCTION append_access;
-- As in 0009, and `noted_ms`: ms since 1970.
CREATE FUNCTION append_access(
  devices uuid[], users text[], sessions uuid[], actions text[], record_lists text[], given_ids uuid[], offline_ms bigint[],
  noted_ms bigint[], hashes bytea[], seals bytea[]
) RETURNS TABLE (at_epoch int, first_position bigint)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off
SET plan_cache_mode = force_generic_plan AS $$
DECLARE
  head log_head%ROWTYPE;
  now_ms timestamptz;
  appended bigint;
BEGIN
  SELECT * INTO head FROM log_head WHERE log = 'access' FOR UPDATE;
  now_ms := date_trunc('milliseconds', clock_timestamp());
  INSERT INTO access_line (epoch, position, received, device_id, user_id, session_id, action, record_ids, given_id, offline_at,
                           noted_at, hash, sealed)
  SELECT head.epoch, head.position + row_number() OVER (ORDER BY l.ord), now_ms, l.device_id, l.user_id, l.session_id, l.action,
         l.records::uuid[], l.given_id, to_timestamp(l.offline_ms / 1000.0), to_timestamp(l.noted_ms / 1000.0), l.hash, l.sealed
  FROM unnest(devices, users, sessions, actions, record_lists, given_ids, offline_ms, noted_ms, hashes, seals) WITH ORDINALITY
    AS l (device_id, user_id, session_id, action, records, given_id, offline_ms, noted_ms, hash, sealed, ord)
  WHERE l.given_id IS NULL
     OR NOT EXISTS (SELECT FROM access_line a WHERE a.device_id = l.device_id AND a.given_id = l.given_id)
        AND NOT (l.device_id IS NULL
                 AND EXISTS (SELECT FROM access_line a WHERE a.device_id IS NULL AND a.given_id = l.given_id));
  GET DIAGNOSTICS appended = ROW_COUNT;
  UPDATE log_head SET position = head.position + appended WHERE log = 'access';
  RETURN QUERY SELECT head.epoch, head.position + 1;
END $$;
REVOKE EXECUTE ON FUNCTION append_access FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_access TO holdfast_crew, holdfast_care, holdfast_control;
-- A standby's zones append nothing, also while it runs beside whatever has migrated its database.
DO $$ BEGIN
  IF (SELECT mode FROM life) = 'standby' THEN
    REVOKE EXECUTE ON FUNCTION append_access FROM holdfast_crew, holdfast_care, holdfast_control;
  END IF;
END $$;
