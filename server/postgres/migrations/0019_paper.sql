-- Who transcribes a paper form asks whether a record of the same patient or call was made meanwhile. The desk's role gets ids by
-- blind tokens, and what is in the records only by record_for_desk, after its access line.
CREATE FUNCTION records_by_tokens(wanted bytea[]) RETURNS TABLE (token bytea, record_id uuid, last_received timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.token, t.record_id, h.last_received FROM search_token t JOIN record_head h USING (record_id)
  WHERE t.token = ANY (wanted) ORDER BY h.last_received DESC LIMIT 1000
$$;
REVOKE EXECUTE ON FUNCTION records_by_tokens FROM PUBLIC;
GRANT EXECUTE ON FUNCTION records_by_tokens TO holdfast_control;
