-- What may be used once and is over in minutes: challenges of a sign-in, assertions of other systems. A session's belongings, so
-- replay does not make it again. In the database, because a zone may have several processes.
CREATE TABLE used_once (
  -- SHA-256 of what it was used for, and of itself.
  hash bytea PRIMARY KEY,
  -- After this it is refused for its age.
  ends timestamptz NOT NULL
);
CREATE INDEX used_once_ends ON used_once (ends);
ALTER TABLE used_once ENABLE ROW LEVEL SECURITY;
ALTER TABLE used_once FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON used_once TO holdfast_owner USING (true) WITH CHECK (true);
CREATE POLICY identity_all ON used_once TO holdfast_identity USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON used_once TO holdfast_identity;
