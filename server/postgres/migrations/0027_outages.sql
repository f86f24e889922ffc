-- Who reads every line to prove it also tells what each contact of an outage went without.
CREATE OR REPLACE FUNCTION append_proof(
  by_device uuid, kinds text[], ids text[], sites text[], expected bigint[], hashes bytea[], line_seals bytea[],
  subject_seals bytea[]
) RETURNS TABLE (outcome text, at_epoch int, first_position bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT kinds <@ ARRAY['proof', 'outage', 'outage-contact'] THEN
    RAISE insufficient_privilege USING MESSAGE = 'permission denied: a proof writes what it found, and nothing else';
  END IF;
  RETURN QUERY SELECT * FROM write_control(by_device, kinds, ids, sites, expected, hashes, line_seals, subject_seals);
END $$;
