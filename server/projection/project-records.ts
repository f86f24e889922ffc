import type pg from "pg";
import { type CareLines, readCareLines } from "../logs/care-lines.ts";
import { readHeldLines } from "../logs/held-lines.ts";
import { uuids } from "../postgres/binary-array.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { insertRows, type Projected } from "./insert-rows.ts";
import { type ProjectedLine, rowsOf } from "./record-rows.ts";

/** Every table that has rows of a record, made of the record's lines alone. */
export const tablesOfRecords = ["record_head", "record_site", "arrival", "search_token", "chain_hole"] as const;

/** Makes the rows of these records again, from all their lines. `client` is the owner's, in a transaction of the caller's. */
export const projectRecords = async (
  client: pg.ClientBase,
  keyRing: KeyRing,
  recordIds: readonly string[],
): Promise<Projected> => {
  for (const table of tablesOfRecords)
    await client.query(`DELETE FROM ${table} WHERE record_id = ANY ($1::uuid[])`, [uuids(recordIds)]);
  return insertRows(client, keyRing, rowsOf(await linesToProject(client, keyRing, recordIds)));
};

/** A record's lines in log order, and after them those that a standby holds and no log has yet. */
export interface LinesToProject extends Omit<CareLines, "lines"> {
  lines: readonly ProjectedLine[];
}

export const linesToProject = async (
  client: Pick<pg.ClientBase, "query">,
  keyRing: KeyRing,
  recordIds: readonly string[],
): Promise<Map<string, LinesToProject>> => {
  const records = new Map<string, LinesToProject>(await readCareLines(client, keyRing, recordIds));
  for (const [recordId, held] of await readHeldLines(client, keyRing, recordIds)) {
    const { disposed = false, ended = [], lines = [] } = records.get(recordId) ?? {};
    records.set(recordId, { disposed, ended, lines: [...lines, ...held] });
  }
  return records;
};
