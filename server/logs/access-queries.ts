import type pg from "pg";
import type { KeyRing } from "../sealing/key-ring.ts";
import { type AccessLine, type AccessRow, accessColumns, accessLine } from "./access-line.ts";
import { boardReopensMs } from "./board-accesses.ts";

/** Whose accesses: a person's account, or a device whoever was signed in on it. */
export type Accessor = { userId: string } | { deviceId: string };

export interface AccessPage {
  /** Newest first, from every life of the server whose lines are here. */
  lines: AccessLine[];
  /** Goes into the next call as `before`; null after the oldest line. */
  next: string | null;
}

export interface PageAsked {
  /** `next` of the page before; undefined for the newest. */
  before?: string | undefined;
  linesMax?: number;
}

/** One patient whose data an account or a device had, by the id of the record. Instants are ISO 8601. */
export interface AffectedRecord {
  recordId: string;
  accesses: number;
  first: string;
  last: string;
}

export interface AccessQueries {
  /** Who has seen this record. */
  ofRecord(recordId: string, page?: PageAsked): Promise<AccessPage>;
  /**
   * What the account or device has touched from `from` until before `to`. A tablet's offline access counts by its own clock
   * and by its arrival, since the clock may be wrong, and what a server noted beside the log by both times too; a board that was open at
   * `from` counts as well.
   */
  touched(by: Accessor, from: Date, to: Date, page?: PageAsked): Promise<AccessPage>;
  /** The records among those accesses, last seen first. `more`: there are more than `affectedMax`. */
  affected(by: Accessor, from: Date, to: Date): Promise<{ records: AffectedRecord[]; more: boolean }>;
}

export const pageLinesMax = 500;
const pageLinesDefault = 50;
/** Records in one answer; more than a trust sees in three years. */
const affectedMax = 1_000_000;

/** `pool`: of the control zone's role, the only one that reads the whole log. */
export const accessQueries = (pool: pg.Pool, keyRing: KeyRing): AccessQueries => ({
  ofRecord: (recordId, page = {}) => ofRecord(pool, keyRing, undefined, recordId, page),
  touched: async (by, from, to, page = {}) => {
    const [column, id] = columnOf(by);
    return readPage(keyRing, page, async (before, linesMax) => {
      const newest = `AND (received, epoch, position) < ($5, $6, $7) ORDER BY received DESC, epoch DESC, position DESC LIMIT $8`;
      const parts = touchedBy(column).map(
        (part) => `(SELECT ${accessColumns} FROM access_line WHERE ${part} ${newest})`,
      );
      const text = `${parts.join(" UNION ALL ")} ORDER BY received DESC, epoch DESC, position DESC LIMIT $8`;
      const values = [id, from, to, boardReopensMs / 1000, ...before, linesMax];
      return (await pool.query<AccessRow>({ name: `access-touched-${column}`, text, values })).rows;
    });
  },
  affected: async (by, from, to) => {
    const [column, id] = columnOf(by);
    const parts = touchedBy(column).map(
      (part) => `SELECT coalesce(offline_at, noted_at, received) AS at, record_ids FROM access_line WHERE ${part}`,
    );
    // Milliseconds, because a date is dear to read, and there may be hundreds of thousands.
    const text = `SELECT r.record_id, count(*)::int AS accesses, extract(epoch FROM min(l.at))::float8 * 1000 AS first,
        extract(epoch FROM max(l.at))::float8 * 1000 AS last
      FROM (${parts.join(" UNION ALL ")}) l CROSS JOIN LATERAL unnest(l.record_ids) AS r (record_id)
      GROUP BY r.record_id ORDER BY last DESC, r.record_id LIMIT $5`;
    const values = [id, from, to, boardReopensMs / 1000, affectedMax + 1];
    const rows = await withRoom<{ record_id: string; accesses: number; first: number; last: number }>(
      pool,
      text,
      values,
    );
    const instant = (ms: number) => new Date(Math.round(ms)).toISOString();
    const records = rows.slice(0, affectedMax).map(({ record_id, accesses, first, last }) => ({
      recordId: record_id,
      accesses,
      first: instant(first),
      last: instant(last),
    }));
    return { records, more: rows.length > affectedMax };
  },
});

/** With memory for a million groups, which otherwise go by the disk, and with time to count them. */
const withRoom = async <Row extends pg.QueryResultRow>(
  pool: pg.Pool,
  text: string,
  values: unknown[],
): Promise<Row[]> => {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query("BEGIN READ ONLY; SET LOCAL work_mem = '64MB'; SET LOCAL statement_timeout = '60s'");
    const { rows } = await client.query<Row>(text, values);
    await client.query("COMMIT");
    return rows;
  } catch (error) {
    failure = error as Error;
    throw error;
  } finally {
    client.release(failure);
  }
};

/** Who has seen this record, as the crew's zone may ask, or for a screen of `siteId` the care zone. */
export const ofRecord = (
  pool: pg.Pool,
  keyRing: KeyRing,
  siteId: string | undefined,
  recordId: string,
  page: PageAsked,
): Promise<AccessPage> =>
  readPage(keyRing, page, async (before, linesMax) => {
    const isSite = siteId !== undefined;
    const text = isSite
      ? "SELECT * FROM accesses_for_site($1, $2, $3, $4, $5, $6)"
      : "SELECT * FROM accesses_of_record($1, $2, $3, $4, $5)";
    const values = [...(isSite ? [siteId] : []), recordId, ...before, linesMax];
    return (await pool.query<AccessRow>({ name: isSite ? "access-site" : "access-record", text, values })).rows;
  });

const columnOf = (by: Accessor): ["user_id" | "device_id", string] =>
  "userId" in by ? ["user_id", by.userId] : ["device_id", by.deviceId];

/** Sets without overlap, each with an index: $1 who, $2 from, $3 to, $4 how many seconds a board stays open. */
const touchedBy = (column: "user_id" | "device_id"): string[] => {
  const openBefore = (time: string): string => `${time} >= $2::timestamptz - $4 * interval '1 second' AND ${time} < $2`;
  const inTime = "received >= $2 AND received < $3";
  return [
    inTime,
    `action = 'arrivals' AND noted_at IS NULL AND ${openBefore("received")}`,
    `offline_at >= $2 AND offline_at < $3 AND NOT (${inTime})`,
    `noted_at >= $2 AND noted_at < $3 AND offline_at IS NULL AND NOT (${inTime})`,
    `action = 'arrivals' AND ${openBefore("noted_at")} AND NOT (${inTime})`,
  ].map((part) => `${column} = $1 AND ${part}`);
};

type Before = [received: Date | "infinity", epoch: number, position: number];
/** Later than every line. */
const end: Before = ["infinity", 0, 0];

const readPage = async (
  keyRing: KeyRing,
  { before, linesMax = pageLinesDefault }: PageAsked,
  read: (before: Before, linesMax: number) => Promise<AccessRow[]>,
): Promise<AccessPage> => {
  const wanted = Math.min(linesMax, pageLinesMax);
  const rows = await read(before === undefined ? end : readPlace(before), wanted + 1);
  const lines = rows.slice(0, wanted).map((row) => accessLine(keyRing, row));
  const last = lines.at(-1);
  return { lines, next: rows.length > wanted && last ? placeOf(last) : null };
};

const placeOf = ({ received, epoch, position }: AccessLine): string => `${Date.parse(received)}-${epoch}-${position}`;

/** A place in the order of lines. One that is not ours is a place before everything: an empty page. */
const readPlace = (place: string): Before => {
  const read = /^(\d{1,15})-(\d{1,9})-(\d{1,15})$/.exec(place);
  return read === null ? [new Date(0), 0, 0] : [new Date(Number(read[1])), Number(read[2]), Number(read[3])];
};
