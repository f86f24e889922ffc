import type pg from "pg";
import type { Entry } from "#domain/entry/entry.ts";
import { uuids } from "../postgres/binary-array.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import type { CareLine } from "./care-lines.ts";

/** A line that has no place yet; the signature is of the head that it came under. */
export interface HeldLine extends Omit<CareLine, "key"> {
  signature: string | undefined;
}

interface Row {
  record_id: string;
  device_id: string;
  received: Date;
  hash: Buffer;
  signature: string | null;
  quarantine: string | null;
  sealed: Buffer;
}

const sql = `SELECT h.record_id, h.device_id, h.received, h.hash, h.signature, h.quarantine, h.sealed
  FROM held_line h WHERE h.record_id = ANY ($1::uuid[]) ORDER BY h.held`;

/** Record id → what a standby holds of it beside the log, in the order it came. Empty at a base. */
export const readHeldLines = async (
  from: Pick<pg.ClientBase, "query">,
  keyRing: KeyRing,
  recordIds: readonly string[],
): Promise<Map<string, HeldLine[]>> => {
  const { rows } = await from.query<Row>({ name: "held-lines", text: sql, values: [uuids(recordIds)] });
  return Map.groupBy(
    rows.map((row) => ({ recordId: row.record_id, ...opened(row, keyRing) })),
    ({ recordId }) => recordId,
  );
};

const opened = (row: Row, keyRing: KeyRing): HeldLine => {
  const hash = row.hash.toString("hex");
  const text = keyRing.open("held", row.sealed, hash);
  return {
    position: 0,
    received: row.received,
    deviceId: row.device_id,
    hash,
    text,
    entry: row.quarantine === null ? (JSON.parse(text) as Entry) : null,
    quarantine: row.quarantine ?? undefined,
    signature: row.signature ?? undefined,
  };
};
