-- A process that does not prepare the database must see that another has, and may read nothing of the owner's for it.
CREATE FUNCTION applied_migrations() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$ SELECT name FROM migration $$;
REVOKE EXECUTE ON FUNCTION applied_migrations FROM PUBLIC;
GRANT EXECUTE ON FUNCTION applied_migrations TO holdfast_identity;

-- PostgreSQL lets everybody run a new function until somebody says no. From here on nobody may until somebody says yes.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
