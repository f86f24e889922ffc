import pg from "pg";
import { inTurn } from "../postgres/in-turn.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { insertRows } from "./insert-rows.ts";
import { type LinesToProject, linesToProject, type ReadLines } from "./project-records.ts";
import { projectSubjects } from "./project-subjects.ts";
import { readAhead } from "./read-ahead.ts";

/**
 * Every table that the logs can make again. `life`, keys and blobs are not among them; nor are `session` and
 * `device_heartbeat`, which each sign-in and each device's next heartbeat make again.
 */
export const projectionTables = [
  "record_head",
  "record_site",
  "arrival",
  "search_token",
  "chain_hole",
  "subject",
  "disposed_record",
] as const;

export interface Rebuilt {
  records: number;
  lines: number;
  subjects: number;
  /** Records that were disposed of: nothing is made of them, and a key that a backup brought back is gone again. */
  disposed: number;
  /** Records whose rows could not be computed; their entries are safe. */
  failed: number;
}

const recordsAtATime = 100;

/**
 * Drops every projection of a trust's database and makes it again from the logs, in one transaction that holds up appends
 * meanwhile. `url` is the owner's. `onProgress` is told lines done and lines in all; `onRecords` is shown
 * every record's lines, for whoever counts them; `read` is for who has lines of the log at hand.
 */
export const rebuild = async (
  url: string,
  keyRing: KeyRing,
  onProgress: (done: number, all: number) => void,
  onRecords: (records: ReadonlyMap<string, LinesToProject>) => Promise<void> = async () => {},
  read?: ReadLines,
): Promise<Rebuilt> => {
  const client = new pg.Client({ connectionString: url, application_name: "holdfast rebuild" });
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query("SELECT FROM log_head ORDER BY log FOR UPDATE");
    const { rows } = await client.query<{ n: string }>("SELECT count(*) AS n FROM care_line");
    const all = Number(rows[0]?.n);
    for (const table of projectionTables) await client.query(`DELETE FROM ${table}`);
    const rebuilt: Rebuilt = {
      records: 0,
      lines: 0,
      subjects: await projectSubjects(client, keyRing),
      disposed: 0,
      failed: 0,
    };
    const { rows: ofRecords } = await client.query<{ record_id: string }>(
      "SELECT record_id FROM care_line UNION SELECT record_id FROM held_line ORDER BY record_id",
    );
    const pages = Array.from({ length: Math.ceil(ofRecords.length / recordsAtATime) }, (_, page) =>
      ofRecords.slice(page * recordsAtATime, (page + 1) * recordsAtATime).map((row) => row.record_id),
    );
    const both = inTurn(client);
    for await (const records of readAhead(pages, (ids) => linesToProject(both, keyRing, ids, read))) {
      await onRecords(records);
      rebuilt.failed += (await insertRows(both, keyRing, records)).failed;
      rebuilt.records += records.size;
      for (const { disposed, ended, lines } of records.values()) {
        rebuilt.disposed += disposed ? 1 : 0;
        rebuilt.lines += ended.length + lines.length;
      }
      onProgress(rebuilt.lines, all);
    }
    await client.query("COMMIT");
    return rebuilt;
  } finally {
    await client.end();
  }
};
