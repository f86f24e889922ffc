import type pg from "pg";
import { type CareLine, type CareLines, chainsOf, entriesOf } from "../logs/care-lines.ts";
import { holesOf } from "../logs/holes.ts";
import { byteas, int4s, int8s, texts, timestamps, uuids } from "../postgres/binary-array.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { searchWords } from "./search-words.ts";
import { arrivalAbout, sendsTo, siteRowsOf } from "./site-rows.ts";

/** Of one record: what its boards show, and what finds it. */
interface RecordRows {
  tokens: Buffer[];
  sites: SiteRows[];
}
interface SiteRows {
  recordId: string;
  siteId: string;
  gone: boolean;
  since: CareLine;
  last: CareLine;
  state: string;
  sealed: Buffer;
}

/**
 * Rows of these records, each from all its lines; they have none yet. One statement a table, however many records. Resolves to how
 * many records could not be projected; their entries are safe. `client` is the owner's, in a transaction of the caller's.
 */
export const insertRows = async (
  client: Pick<pg.ClientBase, "query">,
  keyRing: KeyRing,
  records: ReadonlyMap<string, CareLines>,
): Promise<number> => {
  const heads: { recordId: string; last: CareLine }[] = [];
  const holes: { recordId: string; deviceId: string; from: number; to: number }[] = [];
  const tokens: { recordId: string; token: Buffer }[] = [];
  const sites: SiteRows[] = [];
  let failed = 0;
  for (const [recordId, { disposed, lines }] of records) {
    const last = lines.at(-1);
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
  return failed;
};

/** Throws where the entries are such that no row can be computed. */
const rowsOf = (keyRing: KeyRing, recordId: string, lines: readonly CareLine[], last: CareLine): RecordRows => {
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
