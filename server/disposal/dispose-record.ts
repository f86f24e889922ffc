import type pg from "pg";
import { type ControlChange, controlParameters, StaleSubject } from "../logs/control-log.ts";
import type { KeyRing } from "../sealing/key-ring.ts";

/** Where a record stands in the care log. */
export interface RecordPlace {
  epoch: number;
  /** Position of its newest line. */
  last: number;
  /** When it ended, if it has. */
  disposed: Date | undefined;
  /** Entries and attachments that came after its end. */
  lateEntries: number;
  lateFiles: number;
}

/** Undefined for a record without lines. `pool`: of the control zone's role. */
export const placeOfRecord = async (pool: pg.Pool, recordId: string): Promise<RecordPlace | undefined> => {
  const { rows } = await pool.query<{
    epoch: number;
    last_position: string;
    disposed: Date | null;
    late_entries: string;
    late_files: string;
  }>({ name: "place-of-record", text: "SELECT * FROM place_of_record($1)", values: [recordId] });
  const row = rows[0];
  return (
    row && {
      epoch: row.epoch,
      last: Number(row.last_position),
      disposed: row.disposed ?? undefined,
      lateEntries: Number(row.late_entries),
      lateFiles: Number(row.late_files),
    }
  );
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
