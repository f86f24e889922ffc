-- Proofs of a PIN that were shown and not right, by person and tablet. In the database, because a zone may have several processes and a
-- restart must not forgive; replay does not make it again. Rows are few: a proof is counted only beside a grant that the trust
-- signed for this person on this tablet.
CREATE TABLE pin_try (
  user_id text NOT NULL,
  device_id uuid NOT NULL,
  tries int NOT NULL,
  -- SHA-256 of the last proof: a tablet that shows the same one again has not guessed again.
  last_proof bytea NOT NULL,
  -- Until then none is judged.
  not_before timestamptz NOT NULL,
  PRIMARY KEY (user_id, device_id)
);
CREATE INDEX pin_try_device ON pin_try (device_id);
ALTER TABLE pin_try ENABLE ROW LEVEL SECURITY;
ALTER TABLE pin_try FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON pin_try TO holdfast_owner USING (true) WITH CHECK (true);
CREATE POLICY identity_all ON pin_try TO holdfast_identity USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON pin_try TO holdfast_identity;
