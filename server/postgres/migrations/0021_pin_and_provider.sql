-- A person's own PIN and provider's name are subjects of their own: sign-in may write them, and still no role of anybody.
CREATE OR REPLACE FUNCTION append_identity(
  by_device uuid, kinds text[], ids text[], sites text[], expected bigint[], hashes bytea[], line_seals bytea[],
  subject_seals bytea[]
) RETURNS TABLE (outcome text, at_epoch int, first_position bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT kinds <@ ARRAY['device', 'passkey', 'pin', 'provider-link', 'enrolment-code', 'break-glass', 'review'] THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied: sign-in may not write this kind of subject';
  END IF;
  IF EXISTS (SELECT FROM unnest(kinds, expected) AS c (kind, expected) WHERE kind = 'review' AND c.expected IS DISTINCT FROM 0) THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied: sign-in may only begin a review';
  END IF;
  RETURN QUERY SELECT * FROM write_control(by_device, kinds, ids, sites, expected, hashes, line_seals, subject_seals);
END $$;
