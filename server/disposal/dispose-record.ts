import type pg from "pg";
import { type ControlChange, controlParameters, StaleSubject } from "../logs/control-log.ts";
import type { KeyRing } from "../sealing/key-ring.ts";

/** Where a record stands in the care log: its newest line. */
export interface RecordPlace {
  epoch: number;
  last: number;
}

/** Undefined for a record without lines. `pool`: of the control zone's role. */
export const placeOfRecord = async (pool: pg.Pool, recordId: string): Promise<RecordPlace | undefined> => {
  const text = "SELECT epoch, last_position FROM place_of_record($1)";
  const { rows } = await pool.query<{ epoch: number; last_position: string }>({
    name: "place-of-record",
    text,
    values: [recordId],
  });
  return rows[0] && { epoch: rows[0].epoch, last: Number(rows[0].last_position) };
};

/**
 * Destroys the record's key, with its projections and attachments, and appends the control lines that say so, in one commit.
 * Rejects with StaleSubject, having changed nothing, when one of the subjects was changed or an entry came after `through`.
 */
export const disposeRecord = async (
  pool: pg.Pool,
  keyRing: KeyRing,
  { recordId, through, at }: { recordId: string; through: number; at: string },
  changes: readonly ControlChange[],
): Promise<void> => {
  const { rows } = await pool.query<{ outcome: string }>({
    name: "dispose-record",
    text: `SELECT outcome FROM dispose_record($1::uuid, $2::bigint, $3::timestamptz,
      $4::uuid, $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bytea[], $10::bytea[], $11::bytea[])`,
    values: [recordId, through, at, ...controlParameters(changes, keyRing)],
  });
  if (rows[0]?.outcome !== "committed") throw new StaleSubject();
};
