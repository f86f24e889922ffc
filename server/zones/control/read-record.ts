import type { Entry } from "#domain/entry/entry.ts";
import type { LogLine } from "#sharing/log-line.ts";
import type { Cell } from "../../cell.ts";
import { notHere } from "./desk-call.ts";

interface Row {
  position: string;
  received: Date;
  hash: Buffer;
  sealed: Buffer;
  wrapped: Buffer;
}

/** The record's lines. The database gives them only after the access line that says so; 404 where there is none. */
export const readRecord = async (cell: Cell, recordId: string): Promise<LogLine[]> => {
  const text = "SELECT * FROM record_for_desk($1)";
  const { rows } = await cell.pools.control.query<Row>({ name: "record-for-desk", text, values: [recordId] });
  if (rows.length === 0) throw notHere("record");
  const key = cell.keyRing.recordKey(recordId, rows[0]!.wrapped);
  return rows.map(({ position, received, hash, sealed }) => ({
    entry: JSON.parse(key.open(sealed, hash).toString()) as Entry,
    position: Number(position),
    received: received.toISOString(),
  }));
};
