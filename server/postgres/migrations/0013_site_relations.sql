-- How a site stands to records that it may read: a patient on the way or in its care, or one who went elsewhere or was handed
-- over days ago. Row-level security hides every other record, as in heads_for_site.
CREATE FUNCTION relations_for_site(site text, ids uuid[])
RETURNS TABLE (record_id uuid, coming boolean)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM set_config('holdfast.site', site, true);
  RETURN QUERY SELECT s.record_id, NOT s.gone AND s.last_received > now() - interval '48 hours'
    FROM record_site s WHERE s.record_id = ANY (ids);
END $$;
REVOKE EXECUTE ON FUNCTION relations_for_site FROM PUBLIC;
GRANT EXECUTE ON FUNCTION relations_for_site TO holdfast_care;
