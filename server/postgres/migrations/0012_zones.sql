-- A process that does not prepare the database must see that another has, and may read nothing of the owner's for it.
CREATE FUNCTION applied_migrations() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$ SELECT name FROM migration $$;
REVOKE EXECUTE ON FUNCTION applied_migrations FROM PUBLIC;
GRANT EXECUTE ON FUNCTION applied_migrations TO holdfast_identity;
