-- Who got a record from the base, and on what: the persons of the record's crew make the tablet theirs on which they read it,
-- and who opened it for a reason goes on for that reason. Ids and times alone. What a device told of itself later proves nothing.
CREATE FUNCTION readers_of_record(of_record uuid)
RETURNS TABLE (device_id uuid, user_id text, by_glass boolean, last_received timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT a.device_id, a.user_id, a.action = 'break-glass', max(a.received) FROM access_line a
  WHERE a.record_ids @> ARRAY[of_record] AND a.action IN ('pull', 'break-glass')
    AND a.device_id IS NOT NULL AND a.user_id IS NOT NULL AND a.offline_at IS NULL
  GROUP BY 1, 2, 3
$$;
-- As for accesses_of_record: a record's accesses are few and have an index.
ALTER FUNCTION readers_of_record SET enable_seqscan = off;
REVOKE EXECUTE ON FUNCTION readers_of_record FROM PUBLIC;
GRANT EXECUTE ON FUNCTION readers_of_record TO holdfast_crew;
