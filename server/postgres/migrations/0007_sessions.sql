-- A session that ends is refused at once in every process, whoever ended it: sign-in, the desk, or a person with psql.
CREATE FUNCTION tell_session_ended() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('holdfast_session', NEW.session_id::text);
  RETURN NULL;
END $$;
CREATE TRIGGER session_ended AFTER UPDATE OF ended ON session
FOR EACH ROW WHEN (OLD.ended IS NULL AND NEW.ended IS NOT NULL) EXECUTE FUNCTION tell_session_ended();
CREATE INDEX session_ended_at ON session (ended) WHERE ended IS NOT NULL;
