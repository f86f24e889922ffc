-- The records office reads one record at a time, and only once the access line that says so has committed: the function looks
-- for that line itself. Quarantined lines are no part of a record.
CREATE FUNCTION record_for_desk(of_record uuid)
RETURNS TABLE ("position" bigint, received timestamptz, hash bytea, sealed bytea, wrapped bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT c.position, c.received, c.hash, c.sealed, k.wrapped FROM care_line c JOIN record_key k USING (record_id)
  WHERE c.record_id = of_record AND c.quarantine IS NULL AND EXISTS (
    SELECT FROM access_line a WHERE a.record_ids @> ARRAY[of_record] AND a.action IN ('desk-read', 'desk-copy')
    AND a.received > now() - interval '1 minute')
  ORDER BY c.position LIMIT 50000
$$;
REVOKE EXECUTE ON FUNCTION record_for_desk FROM PUBLIC;
GRANT EXECUTE ON FUNCTION record_for_desk TO holdfast_control;
