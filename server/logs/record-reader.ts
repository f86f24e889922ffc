import type pg from "pg";
import { int8s, uuids } from "../postgres/binary-array.ts";
import type { KeyRing } from "../sealing/key-ring.ts";

/** A line of the care log with its entry's text, opened. */
export interface ReadLine {
  recordId: string;
  position: number;
  received: string;
  deviceId: string;
  hash: string;
  signature: string | undefined;
  /** Quarantined lines go to nobody but the archive; their text is null. */
  text: string | null;
}

/** Reads with one zone's rights. What the zone may not see is not there. */
export interface RecordReader {
  /** Record id → position of its newest line, for the records in scope. */
  heads(recordIds: readonly string[]): Promise<Map<string, number>>;
  /** What a standby holds of these records beside the log, in the order it came; position 0. Empty at a base. */
  held(recordIds: readonly string[]): Promise<ReadLine[]>;
  /** Lines after a position, records in the order given, at most `linesMax`. */
  lines(wanted: readonly { recordId: string; after: number }[], linesMax: number): Promise<ReadLine[]>;
}

interface LineRow {
  record_id: string;
  position: string;
  received: Date;
  device_id: string;
  hash: Buffer;
  signature: string | null;
  quarantine: string | null;
  sealed: Buffer;
}

/** The statements of a zone, each taking the parameters after `first`, which are the same in every call. */
interface Statements {
  name: string;
  heads: string;
  lines: string;
  held: string;
  keys: string;
  first: readonly string[];
}

const reader = (pool: pg.Pool, keyRing: KeyRing, statements: Statements): RecordReader => {
  const { name, first } = statements;
  const keysOf = async (ids: Buffer): Promise<Map<string, Buffer>> => {
    const { rows } = await pool.query<{ record_id: string; wrapped: Buffer }>({
      name: `${name}-keys`,
      text: statements.keys,
      values: [...first, ids],
    });
    return new Map(rows.map((row) => [row.record_id, row.wrapped]));
  };
  return {
    heads: async (recordIds) => {
      if (recordIds.length === 0) return new Map();
      const values = [...first, uuids(recordIds)];
      const { rows } = await pool.query<{ record_id: string; last_position: string }>({
        name: `${name}-heads`,
        text: statements.heads,
        values,
      });
      return new Map(rows.map((row) => [row.record_id, Number(row.last_position)]));
    },
    lines: async (wanted, linesMax) => {
      if (wanted.length === 0) return [];
      const ids = uuids(wanted.map(({ recordId }) => recordId));
      const after = int8s(wanted.map((each) => each.after));
      const [lines, keys] = await Promise.all([
        pool.query<LineRow>({
          name: `${name}-lines`,
          text: statements.lines,
          values: [...first, ids, after, linesMax],
        }),
        keysOf(ids),
      ]);
      return lines.rows.map((row) => openLine(row, keyRing, keys.get(row.record_id)));
    },
    held: async (recordIds) => {
      if (recordIds.length === 0) return [];
      const ids = uuids(recordIds);
      const { rows } = await pool.query<Omit<LineRow, "position" | "quarantine">>({
        name: `${name}-held`,
        text: statements.held,
        values: [...first, ids],
      });
      return rows.map((row) => {
        const hash = row.hash.toString("hex");
        const text = keyRing.open("held", row.sealed, hash);
        const { record_id: recordId, device_id: deviceId } = row;
        const [received, signature] = [row.received.toISOString(), row.signature ?? undefined];
        return { recordId, position: 0, received, deviceId, hash, signature, text };
      });
    },
  };
};

const openLine = (row: LineRow, keyRing: KeyRing, wrapped: Buffer | undefined): ReadLine => {
  if (wrapped === undefined) throw new Error("A record has lines and no key.");
  const isQuarantined = row.quarantine !== null;
  const open = () => keyRing.recordKey(row.record_id, wrapped).open(row.sealed, row.hash).toString();
  return {
    recordId: row.record_id,
    position: Number(row.position),
    received: row.received.toISOString(),
    deviceId: row.device_id,
    hash: row.hash.toString("hex"),
    signature: row.signature ?? undefined,
    text: isQuarantined ? null : open(),
  };
};

/** A tablet's process reads every record of its trust; which of them a caller may have is the access policy's to say. */
export const crewReader = (pool: pg.Pool, keyRing: KeyRing): RecordReader =>
  reader(pool, keyRing, {
    name: "crew",
    heads: "SELECT record_id, last_position FROM record_head WHERE record_id = ANY ($1::uuid[])",
    lines: "SELECT * FROM lines_after($1::uuid[], $2::bigint[], $3::int)",
    held: "SELECT * FROM held_lines($1::uuid[])",
    keys: "SELECT record_id, wrapped FROM record_key WHERE record_id = ANY ($1::uuid[])",
    first: [],
  });

/** A screen reads the records of its site; row-level security decides which those are. */
export const careReader = (pool: pg.Pool, keyRing: KeyRing, siteId: string): RecordReader =>
  reader(pool, keyRing, {
    name: "care",
    heads: "SELECT * FROM heads_for_site($1, $2::uuid[])",
    lines: "SELECT * FROM lines_for_site($1, $2::uuid[], $3::bigint[], $4::int)",
    held: "SELECT * FROM held_for_site($1, $2::uuid[])",
    keys: "SELECT * FROM keys_for_site($1, $2::uuid[])",
    first: [siteId],
  });

/** Somebody at a screen who has said why, in an access line that has committed: the functions look for it themselves. */
export interface BehindGlass {
  deviceId: string;
  userId: string;
}

/** A screen's person reads, for a reason, what row-level security hides from its site. */
export const glassReader = (pool: pg.Pool, keyRing: KeyRing, { deviceId, userId }: BehindGlass): RecordReader =>
  reader(pool, keyRing, {
    name: "glass",
    heads: "SELECT * FROM heads_behind_glass($1::uuid, $2, $3::uuid[])",
    lines: "SELECT * FROM lines_behind_glass($1::uuid, $2, $3::uuid[], $4::bigint[], $5::int)",
    held: "SELECT * FROM held_behind_glass($1::uuid, $2, $3::uuid[])",
    keys: "SELECT * FROM keys_behind_glass($1::uuid, $2, $3::uuid[])",
    first: [deviceId, userId],
  });
