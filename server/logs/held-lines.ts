import type pg from "pg";
import type { Entry } from "#domain/entry/entry.ts";
import { uuids } from "../postgres/binary-array.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import type { CareLine } from "./care-lines.ts";

interface Row {
  record_id: string;
  device_id: string;
  received: Date;
  hash: Buffer;
  quarantine: string | null;
  sealed: Buffer;
  wrapped: Buffer;
}

const sql = `SELECT h.record_id, h.device_id, h.received, h.hash, h.quarantine, h.sealed, k.wrapped
  FROM held_line h JOIN record_key k USING (record_id) WHERE h.record_id = ANY ($1::uuid[]) ORDER BY h.held`;

/** Record id → what a standby holds of it beside the log, in the order it came. Empty at a base. */
export const readHeldLines = async (
  from: pg.Pool | pg.ClientBase,
  keyRing: KeyRing,
  recordIds: readonly string[],
): Promise<Map<string, CareLine[]>> => {
  const { rows } = await from.query<Row>({ name: "held-lines", text: sql, values: [uuids(recordIds)] });
  return Map.groupBy(
    rows.map((row) => ({ recordId: row.record_id, ...opened(row, keyRing) })),
    ({ recordId }) => recordId,
  );
};

const opened = (row: Row, keyRing: KeyRing): CareLine => {
  const key = keyRing.recordKey(row.record_id, row.wrapped);
  const text = key.open(row.sealed, row.hash).toString();
  return {
    position: 0,
    received: row.received,
    deviceId: row.device_id,
    hash: row.hash.toString("hex"),
    text,
    entry: row.quarantine === null ? (JSON.parse(text) as Entry) : null,
    quarantine: row.quarantine ?? undefined,
    key,
  };
};
