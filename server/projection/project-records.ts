import pg from "pg";
import { type CareLine, chainsOf, entriesOf, readCareLines } from "../logs/care-lines.ts";
import { readHeldLines } from "../logs/held-lines.ts";
import { holesOf } from "../logs/holes.ts";
import { byteas, int4s, int8s, texts, uuids } from "../postgres/binary-array.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { searchWords } from "./search-words.ts";
import { arrivalAbout, sendsTo, siteRowsOf } from "./site-rows.ts";

/** What a projection of records did. */
export interface Projected {
  /** Records whose rows could not be computed; their entries are safe. */
  failed: number;
  /** The sites whose boards show one of them. */
  sites: ReadonlySet<string>;
}

/** Every table that has rows of a record, made of the record's lines alone. */
const tablesOfRecords = ["record_head", "record_site", "arrival", "search_token", "chain_hole"] as const;

/** Makes the rows of these records again, from all their lines. `client` is the owner's, in a transaction of the caller's. */
export const projectRecords = async (
  client: pg.ClientBase,
  keyRing: KeyRing,
  recordIds: readonly string[],
): Promise<Projected> => {
  for (const table of tablesOfRecords)
    await client.query(`DELETE FROM ${table} WHERE record_id = ANY ($1::uuid[])`, [uuids(recordIds)]);
  return insertRows(client, keyRing, await linesToProject(client, keyRing, recordIds));
};

/** What rows are made of. */
export interface ProjectedRecord {
  disposed: boolean;
  /** How many lines ended with the record. */
  endedCount: number;
  lines: readonly ProjectedLine[];
}
type ProjectedLine = Omit<CareLine, "key">;

/** A record's lines in log order, and after them those that a standby holds and no log has yet. */
export const linesToProject = async (
  client: pg.ClientBase,
  keyRing: KeyRing,
  recordIds: readonly string[],
): Promise<Map<string, ProjectedRecord>> => {
  const records = new Map<string, ProjectedRecord>();
  for (const [recordId, { disposed, ended, lines }] of await readCareLines(client, keyRing, recordIds))
    records.set(recordId, { disposed, endedCount: ended.length, lines });
  for (const [recordId, held] of await readHeldLines(client, keyRing, recordIds)) {
    const { disposed = false, endedCount = 0, lines = [] } = records.get(recordId) ?? {};
    records.set(recordId, { disposed, endedCount, lines: [...lines, ...held] });
  }
  return records;
};

/** Rows of these records, which have none. */
export const insertRows = async (
  client: pg.ClientBase,
  keyRing: KeyRing,
  records: ReadonlyMap<string, ProjectedRecord>,
): Promise<Projected> => {
  const heads = [...records].flatMap(([recordId, { lines }]) => {
    const received = lines.at(-1)?.received;
    return received === undefined ? [] : [{ recordId, position: lastPosition(lines), received }];
  });
  await client.query("INSERT INTO record_head SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[])", [
    uuids(heads.map(({ recordId }) => recordId)),
    int8s(heads.map(({ position }) => position)),
    heads.map(({ received }) => received),
  ]);
  let failed = 0;
  const sites = new Set<string>();
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
      for (const site of await insertSiteRows(client, keyRing, recordId, lines)) sites.add(site);
    } catch (error) {
      if (error instanceof pg.DatabaseError) throw error;
      failed += 1;
    }
  }
  return { failed, sites };
};

/** 0 for a record of which no line has a place in the log. */
const lastPosition = (lines: readonly ProjectedLine[]): number =>
  lines.reduce((last, { position }) => Math.max(last, position), 0);

/** Rows of boards and of the search. Returns the sites that the record names. */
const insertSiteRows = async (
  client: pg.ClientBase,
  keyRing: KeyRing,
  recordId: string,
  lines: readonly ProjectedLine[],
): Promise<string[]> => {
  const entries = entriesOf(lines);
  const rows = siteRowsOf(entries);
  const tokens = searchWords(entries).map(({ field, word }) => keyRing.blind(field, word));
  const { received } = lines.at(-1)!;
  await client.query("INSERT INTO search_token SELECT *, $1 FROM unnest($2::bytea[]) ON CONFLICT DO NOTHING", [
    recordId,
    byteas(tokens),
  ]);
  const siteIds = rows.map((row) => row.siteId);
  const since = rows.map((row) => lines.find(({ entry }) => entry !== null && sendsTo(entry, row.siteId))!);
  await client.query(
    `INSERT INTO record_site SELECT $1, s.site_id, s.since, s.received, s.gone = 1, $2
     FROM unnest($3::text[], $4::bigint[], $5::timestamptz[], $6::int[]) AS s (site_id, since, received, gone)`,
    [
      recordId,
      received,
      texts(siteIds),
      int8s(since.map(({ position }) => position)),
      since.map((line) => line.received),
      int4s(rows.map((row) => (row.gone ? 1 : 0))),
    ],
  );
  await client.query(
    `INSERT INTO arrival SELECT $1, a.site_id, $2, a.state, a.sealed
     FROM unnest($3::text[], $4::text[], $5::bytea[]) AS a (site_id, state, sealed)`,
    [
      recordId,
      lastPosition(lines),
      texts(siteIds),
      texts(rows.map((row) => row.arrival.state)),
      byteas(
        rows.map((row) => keyRing.seal("arrival", JSON.stringify(row.arrival), arrivalAbout(recordId, row.siteId))),
      ),
    ],
  );
  return siteIds;
};
