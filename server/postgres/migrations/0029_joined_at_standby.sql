-- A crew that opened a stranger's record at a standby for a reason, and went on in it there, is not asked for the reason again: what
-- was said there counts as the access line of a base does.
CREATE OR REPLACE FUNCTION readers_of_record(of_record uuid)
RETURNS TABLE (device_id uuid, user_id text, by_glass boolean, last_received timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
  SELECT r.device_id, r.user_id, r.by_glass, max(r.received) FROM (
    SELECT a.device_id, a.user_id, a.action = 'break-glass' AS by_glass, a.received FROM access_line a
    WHERE a.record_ids @> ARRAY[of_record] AND a.action IN ('pull', 'break-glass')
      AND a.device_id IS NOT NULL AND a.user_id IS NOT NULL AND a.offline_at IS NULL
    UNION ALL
    SELECT s.device_id, s.user_id, true, s.received FROM said_at_standby s
    WHERE s.received > now() - interval '1 day' AND s.record_ids @> ARRAY[of_record]
  ) r GROUP BY 1, 2, 3
$$;
GRANT EXECUTE ON FUNCTION say_at_standby TO holdfast_crew;
