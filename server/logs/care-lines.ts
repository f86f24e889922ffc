import type pg from "pg";
import type { Entry } from "#domain/entry/entry.ts";
import { uuids } from "../postgres/binary-array.ts";
import type { KeyRing, RecordKey } from "../sealing/key-ring.ts";

/** One stored line of the care log, opened. */
export interface CareLine {
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

interface Row {
  record_id: string;
  device_id: string;
  position: string;
  received: Date;
  hash: Buffer;
  quarantine: string | null;
  sealed: Buffer;
  wrapped: Buffer;
}

const sql = `SELECT c.record_id, c.device_id, c.position, c.received, c.hash, c.quarantine, c.sealed, k.wrapped
  FROM care_line c JOIN record_key k USING (record_id) WHERE c.record_id = ANY ($1::uuid[]) ORDER BY c.position`;

/** Record id → its lines in log order. A record without lines is not in the map. Rejects if a line was changed at rest. */
export const readCareLines = async (
  from: pg.Pool | pg.Client,
  keyRing: KeyRing,
  recordIds: readonly string[],
): Promise<Map<string, CareLine[]>> => {
  const { rows } = await from.query<Row>({ name: "care-lines", text: sql, values: [uuids(recordIds)] });
  const records = new Map<string, CareLine[]>();
  for (const row of rows) {
    const key = keyRing.recordKey(row.record_id, row.wrapped);
    const text = key.open(row.sealed, row.hash).toString();
    const lines = records.get(row.record_id) ?? [];
    records.set(row.record_id, lines);
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

export const entriesOf = (lines: readonly CareLine[]): Entry[] => lines.flatMap(({ entry }) => entry ?? []);

/** Device id → hash by n; a hole is undefined, index 0 is unused. */
export const chainsOf = (lines: readonly CareLine[]): Map<string, (string | undefined)[]> => {
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
