-- The access log answers two questions at once: who has seen this record, and what has this account or device touched. Clear are
-- ids and times only; who it was by name, why, and any free text stay in `sealed`, and the line's text there is the truth.
-- Why an array and not a row for each record: docs/decisions/0014-the-access-log-keeps-record-ids-in-an-array.md.
DROP FUNCTION append_access;
-- Each life of a server has a log of its own, and positions may repeat between two lives that are read together.
ALTER TABLE access_line DROP CONSTRAINT access_line_pkey;
ALTER TABLE access_line ADD PRIMARY KEY (epoch, position);
-- A caller who is refused may have shown no device.
ALTER TABLE access_line ALTER COLUMN device_id DROP NOT NULL;
ALTER TABLE access_line
  ADD COLUMN user_id text,
  ADD COLUMN session_id uuid,
  -- Null only until the server that migrated has next opened the cell: it reads them from the sealed lines.
  ADD COLUMN action text,
  ADD COLUMN record_ids uuid[],
  -- Given by a tablet or by the local journal, so that what is handed over twice is stored once.
  ADD COLUMN given_id uuid,
  -- Of an access that a tablet made without the server: its own clock's time, which may be wrong.
  ADD COLUMN offline_at timestamptz;

CREATE INDEX access_line_user ON access_line (user_id, received) WHERE user_id IS NOT NULL;
CREATE INDEX access_line_device ON access_line (device_id, received);
-- A short pending list: whoever appends the line that fills it waits until it is sorted in.
CREATE INDEX access_line_records ON access_line USING gin (record_ids) WITH (gin_pending_list_limit = 256);
CREATE UNIQUE INDEX access_line_given ON access_line (device_id, given_id) WHERE given_id IS NOT NULL;
CREATE INDEX access_line_offline_user ON access_line (user_id, offline_at) WHERE offline_at IS NOT NULL;
CREATE INDEX access_line_offline_device ON access_line (device_id, offline_at) WHERE offline_at IS NOT NULL;
CREATE INDEX access_line_unread ON access_line (epoch, position) WHERE action IS NULL;

-- `record_lists`: for each line an array literal of record ids. `offline_ms`: ms since 1970. A line that is there already, by
-- device and given id, takes no position.
CREATE FUNCTION append_access(
  devices uuid[], users text[], sessions uuid[], actions text[], record_lists text[], given_ids uuid[], offline_ms bigint[],
  hashes bytea[], seals bytea[]
) RETURNS TABLE (at_epoch int, first_position bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  head log_head%ROWTYPE;
  now_ms timestamptz;
  appended bigint;
BEGIN
  SELECT * INTO head FROM log_head WHERE log = 'access' FOR UPDATE;
  now_ms := date_trunc('milliseconds', clock_timestamp());
  INSERT INTO access_line (epoch, position, received, device_id, user_id, session_id, action, record_ids, given_id, offline_at,
                           hash, sealed)
  SELECT head.epoch, head.position + row_number() OVER (ORDER BY l.ord), now_ms, l.device_id, l.user_id, l.session_id, l.action,
         l.records::uuid[], l.given_id, to_timestamp(l.offline_ms / 1000.0), l.hash, l.sealed
  FROM unnest(devices, users, sessions, actions, record_lists, given_ids, offline_ms, hashes, seals) WITH ORDINALITY
    AS l (device_id, user_id, session_id, action, records, given_id, offline_ms, hash, sealed, ord)
  WHERE l.given_id IS NULL
     OR NOT EXISTS (SELECT FROM access_line a WHERE a.device_id = l.device_id AND a.given_id = l.given_id);
  GET DIAGNOSTICS appended = ROW_COUNT;
  UPDATE log_head SET position = head.position + appended WHERE log = 'access';
  RETURN QUERY SELECT head.epoch, head.position + 1;
END $$;
-- As for append_care: the plan is made once, perhaps while the table is empty, and must then suit a million lines.
ALTER FUNCTION append_access SET enable_seqscan = off;
ALTER FUNCTION append_access SET enable_hashjoin = off;
ALTER FUNCTION append_access SET enable_mergejoin = off;
ALTER FUNCTION append_access SET plan_cache_mode = force_generic_plan;

-- Who has seen a record, newest first, before a place in that order. The crew's and care's roles read no other access line.
CREATE FUNCTION accesses_of_record(
  of_record uuid, before_received timestamptz, before_epoch int, before_position bigint, lines_max int
) RETURNS TABLE (epoch int, "position" bigint, received timestamptz, hash bytea, sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.epoch, a.position, a.received, a.hash, a.sealed FROM access_line a
  WHERE a.record_ids @> ARRAY[of_record]
    AND (a.received, a.epoch, a.position) < (before_received, before_epoch, before_position)
  ORDER BY a.received DESC, a.epoch DESC, a.position DESC LIMIT lines_max
$$;
-- Left to choose, the planner walks a short table from its newest line; a record's accesses are few and have an index.
ALTER FUNCTION accesses_of_record SET enable_seqscan = off;

-- The same for a screen, of a record that its site may read.
CREATE FUNCTION accesses_for_site(
  site text, of_record uuid, before_received timestamptz, before_epoch int, before_position bigint, lines_max int
) RETURNS TABLE (epoch int, "position" bigint, received timestamptz, hash bytea, sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.* FROM accesses_of_record(of_record, before_received, before_epoch, before_position, lines_max) a
  WHERE EXISTS (SELECT FROM record_site s WHERE s.record_id = of_record AND s.site_id = site
                AND (NOT s.gone OR s.last_received > now() - interval '12 hours'))
$$;

REVOKE EXECUTE ON FUNCTION append_access, accesses_of_record, accesses_for_site FROM PUBLIC;
GRANT EXECUTE ON FUNCTION append_access TO holdfast_crew, holdfast_care, holdfast_control;
GRANT EXECUTE ON FUNCTION accesses_of_record TO holdfast_crew, holdfast_control;
GRANT EXECUTE ON FUNCTION accesses_for_site TO holdfast_care;
