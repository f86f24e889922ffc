import type pg from "pg";
import type { LogName, ProvenLine } from "#defence/log/line.ts";
import { emptyFrontier, extended, type Frontier } from "#defence/log/tree.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { ArchiveStopped } from "./archive-fault.ts";
import { leafOf, sha256 } from "./hashing.ts";
import type { ArchivedLine } from "./segment.ts";

export interface LeafRow {
  position: string;
  epoch: number;
  received: Date | number;
  device_id: string | null;
  hash: string;
}
interface CareLeafRow extends LeafRow {
  record_id: string;
  n: number | null;
  signature: string | null;
  quarantine: string | null;
}
interface SealedRow extends LeafRow {
  given_id?: string | null;
  entry_id?: string | null;
  sealed: Buffer;
}
interface CareRow extends SealedRow, CareLeafRow {
  wrapped: Buffer | null;
  disposed: boolean;
}

/** PostgreSQL writes a hash as text in any case, and this text is what it is used as. */
const common = "position, epoch, received, device_id, encode(hash, 'hex') AS hash";
/** Those of a line that its leaf is made of. */
export const leafColumns: Record<LogName, string> = {
  care: `${common}, record_id, n, signature, quarantine`,
  access: common,
  control: common,
};
export const lineTables: Record<LogName, string> = {
  care: "care_line",
  access: "access_line",
  control: "control_line",
};

export const provenLine = (log: LogName, row: LeafRow): ProvenLine => {
  const { position, epoch, received, device_id, hash } = row;
  const line = { epoch, position: Number(position), received: instantOf(received), deviceId: device_id };
  const proven = { ...line, hash, signature: null };
  if (log !== "care") return proven;
  const { record_id, n, signature, quarantine } = row as CareLeafRow;
  return { ...proven, signature, recordId: record_id, n, quarantine };
};

/** Whoever has the database's superuser may write `infinity`, which comes as a number, and must not end who reads the log. */
const instantOf = (received: Date | number): string =>
  received instanceof Date && !Number.isNaN(received.getTime()) ? received.toISOString() : String(received);

/** Rows at a time. */
const pageRows = 2_000;
/** What a segment says of a line beside its bytes, which may be gone, or none at all where a device sent nothing that can be read. */
const aboutBytes = 400;

/**
 * Lines after a position, opened, in order: of one epoch, and until they and what is said of them pass `bytesMax`. Rejects with ArchiveStopped `unreadable`
 * if a line was changed at rest.
 */
export const readLines = async (
  pool: pg.Pool,
  keyRing: KeyRing,
  log: LogName,
  after: number,
  bytesMax: number,
): Promise<ArchivedLine[]> => {
  const lines: ArchivedLine[] = [];
  for (let bytes = 0, last = after; bytes < bytesMax; ) {
    const { rows } = await pool.query<SealedRow>({
      name: `archive-${log}`,
      text: lineSql[log],
      values: [last, pageRows],
    });
    for (const row of rows) {
      const ofLine = openRow(keyRing, log, row);
      bytes += aboutBytes + (ofLine?.length ?? 0);
      if (bytes > bytesMax && lines.length > 0) return lines;
      if (lines[0] !== undefined && lines[0].epoch !== row.epoch) return lines;
      const { given_id: givenId, entry_id: entryId } = row;
      const line = provenLine(log, row);
      lines.push({
        ...line,
        bytes: ofLine,
        ...(givenId != null && { givenId }),
        ...(entryId != null && { entryId }),
      });
    }
    last = Number(rows.at(-1)?.position ?? last);
    if (rows.length < pageRows) break;
  }
  return lines;
};

const lineSql: Record<LogName, string> = {
  care: `SELECT ${leafColumns.care}, entry_id, sealed, wrapped, position <= coalesce(through_position, 0) AS disposed
         FROM care_line LEFT JOIN record_key USING (record_id) LEFT JOIN disposed_record USING (record_id)
         WHERE position > $1 ORDER BY position LIMIT $2`,
  access: `SELECT ${leafColumns.access}, given_id, sealed FROM access_line WHERE position > $1 ORDER BY position LIMIT $2`,
  control: `SELECT ${leafColumns.control}, sealed FROM control_line WHERE position > $1 ORDER BY position LIMIT $2`,
};

/** Null where the record was disposed of. */
const openRow = (keyRing: KeyRing, log: LogName, row: SealedRow): Buffer | null => {
  try {
    return log === "care" ? openCareRow(keyRing, row as CareRow) : keyRing.openBytes(log, row.sealed, row.hash);
  } catch (error) {
    throw new ArchiveStopped("unreadable", { cause: error });
  }
};
const openCareRow = (keyRing: KeyRing, { record_id, hash, sealed, wrapped, disposed }: CareRow): Buffer | null => {
  if (disposed) return null;
  if (wrapped === null) throw new Error("A record has lines and no key.");
  return keyRing.recordKey(record_id, wrapped).open(sealed, Buffer.from(hash, "hex"));
};

const leafRows = 20_000;
type Queries = Pick<pg.Pool, "query">;

/** Leaf hashes of the lines after one position up to another, in pages, from the database alone. */
async function* leavesBetween(pool: Queries, log: LogName, after: number, last: number): AsyncGenerator<Buffer[]> {
  const text = `SELECT ${leafColumns[log]} FROM ${lineTables[log]} WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3`;
  for (let from = after; from < last; ) {
    const { rows } = await pool.query<LeafRow>({ name: `leaves-${log}`, text, values: [from, last, leafRows] });
    if (rows.length === 0) return;
    yield rows.map((row) => leafOf(log, provenLine(log, row)));
    from += rows.length;
  }
}

/** The log's tree over its lines up to `last`. */
export const frontierAt = async (pool: Queries, log: LogName, last: number): Promise<Frontier> => {
  let frontier = emptyFrontier;
  for await (const leaves of leavesBetween(pool, log, 0, last)) frontier = extended(sha256, frontier, leaves);
  return frontier;
};

export const readLeaves = async (pool: Queries, log: LogName, after: number, last: number): Promise<Buffer[]> => {
  const all: Buffer[] = [];
  for await (const leaves of leavesBetween(pool, log, after, last)) all.push(...leaves);
  return all;
};

/** The epoch that a log's next line will be of. */
export const epochNow = async (pool: Queries, log: LogName): Promise<number> => {
  const { rows } = await pool.query<{ epoch: number }>("SELECT epoch FROM log_head WHERE log = $1", [log]);
  return rows[0]?.epoch ?? 1;
};

/** Position of the last line, 0 for none. */
export const headOf = async (pool: Queries, log: LogName): Promise<number> => {
  const { rows } = await pool.query<{ position: string }>("SELECT position FROM log_head WHERE log = $1", [log]);
  return Number(rows[0]?.position ?? 0);
};
