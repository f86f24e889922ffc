import pg from "pg";
import type { LogName } from "#defence/log/line.ts";
import { inTurn } from "../postgres/in-turn.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { insertRows } from "./insert-rows.ts";
import { projectSubjects } from "./project-subjects.ts";
import { type ProjectedPage, type ProjectPage, projectStored } from "./projected-page.ts";
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

/** From one record to the next by the index: reading a log of a million lines for its ten thousand records takes ten times as long. */
const recordIdsSql = `WITH RECURSIVE ids AS (
    (SELECT record_id FROM care_line ORDER BY record_id LIMIT 1)
    UNION ALL
    SELECT (SELECT c.record_id FROM care_line c WHERE c.record_id > ids.record_id ORDER BY c.record_id LIMIT 1)
    FROM ids WHERE record_id IS NOT NULL
  )
  SELECT record_id FROM ids WHERE record_id IS NOT NULL UNION SELECT record_id FROM held_line ORDER BY record_id`;

/** Another way to project a page of records, and who sees each page. */
export interface RebuildBy {
  project: ProjectPage;
  /** Pages that are projected while one is stored. */
  pagesAhead: number;
  onPage(page: ProjectedPage): Promise<void>;
}

/**
 * Drops every projection of a trust's database and makes it again from the logs, in one transaction that holds up appends
 * meanwhile. `url` is the owner's. `onProgress` is told lines done and lines in all; `by` is for who has lines of the log at hand.
 */
export const rebuild = async (
  url: string,
  keyRing: KeyRing,
  onProgress: (done: number, all: number) => void,
  { project, pagesAhead, onPage }: RebuildBy = { project: projectStored, pagesAhead: 1, onPage: async () => {} },
): Promise<Rebuilt> => {
  const client = new pg.Client({ connectionString: url, application_name: "holdfast rebuild" });
  await client.connect();
  try {
    await client.query("BEGIN");
    const { rows } = await client.query<{ log: LogName; position: string }>(
      "SELECT log, position FROM log_head ORDER BY log FOR UPDATE",
    );
    const all = Number(rows.find(({ log }) => log === "care")?.position);
    for (const table of projectionTables) await client.query(`DELETE FROM ${table}`);
    const rebuilt: Rebuilt = {
      records: 0,
      lines: 0,
      subjects: await projectSubjects(client, keyRing),
      disposed: 0,
      failed: 0,
    };
    const { rows: ofRecords } = await client.query<{ record_id: string }>(recordIdsSql);
    const pages = Array.from({ length: Math.ceil(ofRecords.length / recordsAtATime) }, (_, page) =>
      ofRecords.slice(page * recordsAtATime, (page + 1) * recordsAtATime).map((row) => row.record_id),
    );
    const both = inTurn(client);
    for await (const page of readAhead(pages, (ids) => project(both, keyRing, ids), pagesAhead)) {
      await onPage(page);
      rebuilt.failed += (await insertRows(both, keyRing, page.rows)).failed;
      rebuilt.records += page.records;
      rebuilt.disposed += page.disposed;
      rebuilt.lines += page.lines;
      onProgress(rebuilt.lines, all);
    }
    await client.query("COMMIT");
    return rebuilt;
  } finally {
    await client.end();
  }
};
