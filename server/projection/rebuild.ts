import pg from "pg";
import { type CareLine, type CareLines, chainsOf, entriesOf, readCareLines } from "../logs/care-lines.ts";
import { holesOf } from "../logs/holes.ts";
import { byteas, int4s, int8s, texts, uuids } from "../postgres/binary-array.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { projectSubjects } from "./project-subjects.ts";
import { searchWords } from "./search-words.ts";
import { arrivalAbout, sendsTo, siteRowsOf } from "./site-rows.ts";

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
 * meanwhile. `url` is the owner's. `onProgress` is told lines done and lines in all.
 */
export const rebuild = async (
  url: string,
  keyRing: KeyRing,
  onProgress: (done: number, all: number) => void,
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
      "SELECT DISTINCT record_id FROM care_line ORDER BY record_id",
    );
    for (let i = 0; i < ofRecords.length; i += recordsAtATime) {
      const ids = ofRecords.slice(i, i + recordsAtATime).map((row) => row.record_id);
      const records = await readCareLines(client, keyRing, ids);
      rebuilt.failed += await rebuildRecords(client, keyRing, records);
      rebuilt.records += ids.length;
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

/** Rows of these records, each from all its lines. Returns how many records could not be projected. */
const rebuildRecords = async (
  client: pg.Client,
  keyRing: KeyRing,
  records: ReadonlyMap<string, CareLines>,
): Promise<number> => {
  const heads = [...records].flatMap(([recordId, { lines }]) => {
    const last = lines.at(-1);
    return last === undefined ? [] : [{ recordId, last }];
  });
  await client.query("INSERT INTO record_head SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[])", [
    uuids(heads.map(({ recordId }) => recordId)),
    int8s(heads.map(({ last }) => last.position)),
    heads.map(({ last }) => last.received),
  ]);
  let failed = 0;
  for (const [recordId, { disposed, lines }] of records) {
    if (disposed) continue;
    const holes = holesOf(chainsOf(lines));
    await client.query("INSERT INTO chain_hole SELECT $1, * FROM unnest($2::uuid[], $3::int[], $4::int[])", [
      recordId,
      uuids(holes.map((hole) => hole.deviceId)),
      int4s(holes.map((hole) => hole.from)),
      int4s(holes.map((hole) => hole.to)),
    ]);
    try {
      await rebuildRows(client, keyRing, recordId, lines);
    } catch (error) {
      if (error instanceof pg.DatabaseError) throw error;
      failed += 1;
    }
  }
  return failed;
};

const rebuildRows = async (
  client: pg.Client,
  keyRing: KeyRing,
  recordId: string,
  lines: readonly CareLine[],
): Promise<void> => {
  const entries = entriesOf(lines);
  const rows = siteRowsOf(entries);
  const tokens = searchWords(entries).map(({ field, word }) => keyRing.blind(field, word));
  const last = lines.at(-1)!;
  await client.query("INSERT INTO search_token SELECT *, $1 FROM unnest($2::bytea[]) ON CONFLICT DO NOTHING", [
    recordId,
    byteas(tokens),
  ]);
  const sites = texts(rows.map((row) => row.siteId));
  await client.query(
    `INSERT INTO record_site SELECT $1, s.site_id, s.since, c.received, s.gone = 1, $2
     FROM unnest($3::text[], $4::bigint[], $5::int[]) AS s (site_id, since, gone) JOIN care_line c ON c.position = s.since`,
    [
      recordId,
      last.received,
      sites,
      int8s(rows.map((row) => lines.find(({ entry }) => entry !== null && sendsTo(entry, row.siteId))!.position)),
      int4s(rows.map((row) => (row.gone ? 1 : 0))),
    ],
  );
  await client.query(
    `INSERT INTO arrival SELECT $1, a.site_id, $2, a.state, a.sealed
     FROM unnest($3::text[], $4::text[], $5::bytea[]) AS a (site_id, state, sealed)`,
    [
      recordId,
      last.position,
      sites,
      texts(rows.map((row) => row.arrival.state)),
      byteas(
        rows.map((row) => keyRing.seal("arrival", JSON.stringify(row.arrival), arrivalAbout(recordId, row.siteId))),
      ),
    ],
  );
};
