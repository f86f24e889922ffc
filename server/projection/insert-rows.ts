import type pg from "pg";
import { type CareLine, chainsOf, entriesOf } from "../logs/care-lines.ts";
import { holesOf } from "../logs/holes.ts";
import { byteas, int4s, int8s, texts, timestamps, uuids } from "../postgres/binary-array.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { searchWords } from "./search-words.ts";
import { arrivalAbout, sendsTo, siteRowsOf } from "./site-rows.ts";

/** A line as rows are made of it; one that a standby holds has no key of its record, and position 0. */
export type ProjectedLine = Omit<CareLine, "key">;

/** What a projection of records did. */
export interface Projected {
  /** Records whose rows could not be computed; their entries are safe. */
  failed: number;
  /** The sites whose boards show one of them. */
  sites: ReadonlySet<string>;
}

/** Of one record: what its boards show, and what finds it. */
interface RecordRows {
  tokens: Buffer[];
  sites: SiteRows[];
}
/** Where the record ends: the place of its last line in the log, 0 if none has one, and when the last came. */
type Last = Pick<CareLine, "position" | "received">;
interface SiteRows {
  recordId: string;
  siteId: string;
  gone: boolean;
  since: ProjectedLine;
  last: Last;
  state: string;
  sealed: Buffer;
}

/**
 * Rows of these records, each from all its lines; they have none yet. One statement a table, however many records. `client` is the
 * owner's, in a transaction of the caller's.
 */
export const insertRows = async (
  client: Pick<pg.ClientBase, "query">,
  keyRing: KeyRing,
  records: ReadonlyMap<string, { disposed: boolean; lines: readonly ProjectedLine[] }>,
): Promise<Projected> => {
  const heads: { recordId: string; last: Last }[] = [];
  const holes: { recordId: string; deviceId: string; from: number; to: number }[] = [];
  const tokens: { recordId: string; token: Buffer }[] = [];
  const sites: SiteRows[] = [];
  let failed = 0;
  for (const [recordId, { disposed, lines }] of records) {
    const last = lastOf(lines);
    if (last !== undefined) heads.push({ recordId, last });
    if (disposed || last === undefined) continue;
    for (const hole of holesOf(chainsOf(lines))) holes.push({ recordId, ...hole });
    try {
      const rows = rowsOf(keyRing, recordId, lines, last);
      for (const token of rows.tokens) tokens.push({ recordId, token });
      sites.push(...rows.sites);
    } catch {
      failed += 1;
    }
  }
  await client.query("INSERT INTO record_head SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[])", [
    uuids(heads.map(({ recordId }) => recordId)),
    int8s(heads.map(({ last }) => last.position)),
    timestamps(heads.map(({ last }) => last.received)),
  ]);
  await client.query("INSERT INTO chain_hole SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[])", [
    uuids(holes.map(({ recordId }) => recordId)),
    uuids(holes.map(({ deviceId }) => deviceId)),
    int4s(holes.map(({ from }) => from)),
    int4s(holes.map(({ to }) => to)),
  ]);
  await client.query("INSERT INTO search_token SELECT * FROM unnest($1::bytea[], $2::uuid[]) ON CONFLICT DO NOTHING", [
    byteas(tokens.map(({ token }) => token)),
    uuids(tokens.map(({ recordId }) => recordId)),
  ]);
  const [ofRecords, siteIds] = [uuids(sites.map(({ recordId }) => recordId)), texts(sites.map(({ siteId }) => siteId))];
  await client.query(
    `INSERT INTO record_site SELECT record_id, site_id, since, since_received, gone = 1, last_received
     FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::timestamptz[], $5::int[], $6::timestamptz[])
       AS s (record_id, site_id, since, since_received, gone, last_received)`,
    [
      ofRecords,
      siteIds,
      int8s(sites.map(({ since }) => since.position)),
      timestamps(sites.map(({ since }) => since.received)),
      int4s(sites.map(({ gone }) => (gone ? 1 : 0))),
      timestamps(sites.map(({ last }) => last.received)),
    ],
  );
  await client.query(
    "INSERT INTO arrival SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::bytea[])",
    [
      ofRecords,
      siteIds,
      int8s(sites.map(({ last }) => last.position)),
      texts(sites.map(({ state }) => state)),
      byteas(sites.map(({ sealed }) => sealed)),
    ],
  );
  return { failed, sites: new Set(sites.map(({ siteId }) => siteId)) };
};

const lastOf = (lines: readonly ProjectedLine[]): Last | undefined => {
  const received = lines.at(-1)?.received;
  if (received === undefined) return undefined;
  return { received, position: lines.findLast(({ position }) => position > 0)?.position ?? 0 };
};

/** Throws where the entries are such that no row can be computed. */
const rowsOf = (keyRing: KeyRing, recordId: string, lines: readonly ProjectedLine[], last: Last): RecordRows => {
  const entries = entriesOf(lines);
  return {
    tokens: searchWords(entries).map(({ field, word }) => keyRing.blind(field, word)),
    sites: siteRowsOf(entries).map(({ siteId, gone, arrival }) => ({
      recordId,
      siteId,
      gone,
      since: lines.find(({ entry }) => entry !== null && sendsTo(entry, siteId))!,
      last,
      state: arrival.state,
      sealed: keyRing.seal("arrival", JSON.stringify(arrival), arrivalAbout(recordId, siteId)),
    })),
  };
};
