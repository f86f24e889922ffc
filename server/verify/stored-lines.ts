import type pg from "pg";
import type { LogName, ProvenLine } from "#defence/log/line.ts";
import { type LeafRow, leafColumns, lineTables, provenLine } from "../archive/log-lines.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { contradicts } from "./clear-columns.ts";

/** A line as the database has it now. */
export interface StoredLine extends ProvenLine {
  /** Null for a line of a record that was disposed of, and for one that does not open. */
  text: string | null;
  /** Why it is not what was stored; of no patient. */
  fault?: string;
  /** Its records. */
  records: readonly string[];
}

/** Columns besides those of the leaf: each must say what the sealed text says. */
const clearColumns: Record<LogName, string> = {
  care: `, entry_id, sealed, wrapped, position <= coalesce(through_position, 0) AS disposed`,
  access: ", user_id, session_id, action, record_ids, offline_at, noted_at, sealed",
  control: ", kind, subject_id, sealed",
};
const joins: Record<LogName, string> = {
  care: "LEFT JOIN record_key USING (record_id) LEFT JOIN disposed_record USING (record_id)",
  access: "",
  control: "",
};

export type StoredRow = LeafRow & { sealed: Buffer } & Record<string, unknown>;
const pageRows = 5_000;

/**
 * Every line in order of position, in pages, by a cursor of the client's transaction: rows that share a position come too, as whoever
 * took the keys off the tables may have left them.
 */
export async function* storedLines(
  client: pg.ClientBase,
  keyRing: KeyRing,
  log: LogName,
): AsyncGenerator<StoredLine[]> {
  const text = `SELECT ${leafColumns[log]}${clearColumns[log]} FROM ${lineTables[log]} ${joins[log]} ORDER BY position, epoch`;
  await client.query(`DECLARE verify_${log} NO SCROLL CURSOR FOR ${text}`);
  try {
    for (;;) {
      const { rows } = await client.query<StoredRow>(`FETCH ${pageRows} FROM verify_${log}`);
      if (rows.length === 0) return;
      yield rows.map((row) => openLine(keyRing, log, row));
    }
  } finally {
    await client.query(`CLOSE verify_${log}`);
  }
}

/** Which lines, newest first: those before a place of the log. */
export interface LinesBefore {
  epoch: number;
  position: number;
  /** When they were received: from, included, until before. */
  from: Date;
  to: Date;
  device?: string;
  record?: string;
  linesMax: number;
}
/** Whose and of which record a line is; of the control log only its text says. */
const whoseSql: Record<LogName, { device?: string; record?: string }> = {
  care: { device: "device_id = $", record: "record_id = $" },
  access: { device: "device_id = $", record: "record_ids @> ARRAY[$]::uuid[]" },
  control: {},
};

export const storedLinesBefore = async (
  client: pg.ClientBase,
  keyRing: KeyRing,
  log: LogName,
  { epoch, position, from, to, device, record, linesMax }: LinesBefore,
): Promise<StoredLine[]> => {
  const values: unknown[] = [epoch, position, from, to, linesMax];
  const wanted: string[] = [];
  const narrow = (sql: string | undefined, value: string | undefined): void => {
    if (sql === undefined || value === undefined) return;
    const place = values.push(value);
    wanted.push(` AND ${sql.replace("$", () => `$${place}`)}`);
  };
  narrow(whoseSql[log].device, device);
  narrow(whoseSql[log].record, record);
  const text = `SELECT ${leafColumns[log]}${clearColumns[log]} FROM ${lineTables[log]} ${joins[log]}
    WHERE (epoch, position) < ($1, $2) AND received >= $3 AND received < $4${wanted.join("")}
    ORDER BY epoch DESC, position DESC LIMIT $5`;
  const { rows } = await client.query<StoredRow>(text, values);
  return rows.map((row) => openLine(keyRing, log, row));
};

/** The lines of these records in the care log, in order; what does not open is there with its fault. */
export const storedLinesOf = async (
  client: pg.ClientBase,
  keyRing: KeyRing,
  recordIds: readonly string[],
): Promise<StoredLine[]> => {
  const text = `SELECT ${leafColumns.care}${clearColumns.care} FROM ${lineTables.care} ${joins.care}
    WHERE record_id = ANY ($1::uuid[]) ORDER BY position, epoch`;
  const { rows } = await client.query<StoredRow>(text, [recordIds]);
  return rows.map((row) => openLine(keyRing, "care", row));
};

const openLine = (keyRing: KeyRing, log: LogName, row: StoredRow): StoredLine => {
  const line = provenLine(log, row);
  const records =
    log === "care" ? [line.recordId!] : log === "access" ? ((row.record_ids as string[] | null) ?? []) : [];
  if (row.disposed === true) return { ...line, text: null, records };
  try {
    const text = textOf(keyRing, log, row, line);
    const fault = contradicts(log, line, row, text);
    return { ...line, text, records, ...(fault !== undefined && { fault }) };
  } catch {
    return {
      ...line,
      text: null,
      records,
      fault: "its sealed bytes do not open: they were changed, or its record's key was",
    };
  }
};

const textOf = (keyRing: KeyRing, log: LogName, row: StoredRow, { recordId, hash }: ProvenLine): string => {
  if (log !== "care") return keyRing.open(log, row.sealed, hash);
  return keyRing
    .recordKey(recordId!, row.wrapped as Buffer)
    .open(row.sealed, Buffer.from(row.hash, "hex"))
    .toString();
};
