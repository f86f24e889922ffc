import type pg from "pg";
import type { Entry } from "#domain/entry/entry.ts";
import { uuids } from "../postgres/binary-array.ts";
import type { KeyRing, RecordKey } from "../sealing/key-ring.ts";

/** One stored line of the care log, opened. */
export interface CareLine {
  /** 0 for a line that a standby holds and no log has yet. */
  position: number;
  received: Date;
  deviceId: string;
  hash: string;
  text: string;
  /** Null for a quarantined line. */
  entry: Entry | null;
  quarantine: string | undefined;
  key: RecordKey;
}

/** A line of a record that was disposed of: its place in its chain and its hash, and noise. */
export interface EndedLine {
  deviceId: string;
  hash: string;
  /** Null for a quarantined line. */
  n: number | null;
}

/** A record's lines in log order. */
export interface CareLines {
  /** The record was disposed of: `ended` are its lines until then, `lines` those that came since. */
  disposed: boolean;
  ended: EndedLine[];
  lines: CareLine[];
}

interface Row {
  record_id: string;
  device_id: string;
  position: string;
  received: Date;
  hash: Buffer;
  n: number | null;
  quarantine: string | null;
  sealed: Buffer;
  wrapped: Buffer | null;
  through: string | null;
}

const sql = `SELECT c.record_id, c.device_id, c.position, c.received, c.hash, c.n, c.quarantine, c.sealed, k.wrapped,
    d.through_position AS through
  FROM care_line c LEFT JOIN record_key k USING (record_id) LEFT JOIN disposed_record d USING (record_id)
  WHERE c.record_id = ANY ($1::uuid[]) ORDER BY c.position`;

/** Record id → its lines. A record without lines is not in the map. Rejects if a line was changed at rest. */
export const readCareLines = async (
  from: Pick<pg.ClientBase, "query">,
  keyRing: KeyRing,
  recordIds: readonly string[],
): Promise<Map<string, CareLines>> => {
  const { rows } = await from.query<Row>({ name: "care-lines", text: sql, values: [uuids(recordIds)] });
  const records = new Map<string, CareLines>();
  for (const row of rows) {
    const disposed = row.through !== null;
    const { lines, ended } = records.get(row.record_id) ?? startOf(records, row.record_id, disposed);
    if (disposed && Number(row.position) <= Number(row.through)) {
      ended.push({ deviceId: row.device_id, hash: row.hash.toString("hex"), n: row.n });
      continue;
    }
    if (row.wrapped === null) throw new Error("A record has lines and no key.");
    const key = keyRing.recordKey(row.record_id, row.wrapped);
    const text = key.open(row.sealed, row.hash).toString();
    lines.push({
      position: Number(row.position),
      received: row.received,
      deviceId: row.device_id,
      hash: row.hash.toString("hex"),
      text,
      // An accepted entry was checked before it was stored.
      entry: row.quarantine === null ? (JSON.parse(text) as Entry) : null,
      quarantine: row.quarantine ?? undefined,
      key,
    });
  }
  return records;
};

const startOf = (records: Map<string, CareLines>, recordId: string, disposed: boolean): CareLines => {
  const start: CareLines = { disposed, ended: [], lines: [] };
  records.set(recordId, start);
  return start;
};

export const entriesOf = (lines: readonly Pick<CareLine, "entry">[]): Entry[] =>
  lines.flatMap(({ entry }) => entry ?? []);

/** Device id → hash by n; a hole is undefined, index 0 is unused. */
export const chainsOf = (
  lines: readonly Pick<CareLine, "deviceId" | "hash" | "entry">[],
): Map<string, (string | undefined)[]> => {
  const chains = new Map<string, (string | undefined)[]>();
  for (const { deviceId, hash, entry } of lines) {
    if (entry === null) continue;
    const chain = chains.get(deviceId) ?? [undefined];
    // Filled, not sparse: a sparse array is slower, and `length` stays the highest n plus one.
    while (chain.length <= entry.n) chain.push(undefined);
    chain[entry.n] = hash;
    chains.set(deviceId, chain);
  }
  return chains;
};
