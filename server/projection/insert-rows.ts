import type pg from "pg";
import { byteas, int4s, int8s, texts, timestamps, uuids } from "../postgres/binary-array.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import type { RecordRows } from "./record-rows.ts";
import { arrivalAbout } from "./site-rows.ts";

/** What a projection of records did. */
export interface Projected {
  /** Records whose rows could not be computed; their entries are safe. */
  failed: number;
  /** The sites whose boards show one of them. */
  sites: ReadonlySet<string>;
}

/**
 * Seals, blinds and stores the rows of these records, which have none yet. One statement a table, however many records. `client` is the
 * owner's, in a transaction of the caller's.
 */
export const insertRows = async (
  client: Pick<pg.ClientBase, "query">,
  keyRing: KeyRing,
  rows: readonly RecordRows[],
): Promise<Projected> => {
  await client.query("INSERT INTO record_head SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[])", [
    uuids(rows.map(({ recordId }) => recordId)),
    int8s(rows.map(({ last }) => last.position)),
    timestamps(rows.map(({ last }) => last.received)),
  ]);
  const holes = rows.flatMap(({ recordId, holes }) => holes.map((hole) => ({ recordId, ...hole })));
  await client.query("INSERT INTO chain_hole SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[])", [
    uuids(holes.map(({ recordId }) => recordId)),
    uuids(holes.map(({ deviceId }) => deviceId)),
    int4s(holes.map(({ from }) => from)),
    int4s(holes.map(({ to }) => to)),
  ]);
  const words = rows.flatMap(({ recordId, words }) => words.map((word) => ({ recordId, ...word })));
  await client.query("INSERT INTO search_token SELECT * FROM unnest($1::bytea[], $2::uuid[]) ON CONFLICT DO NOTHING", [
    byteas(words.map(({ field, word }) => keyRing.blind(field, word))),
    uuids(words.map(({ recordId }) => recordId)),
  ]);
  const sites = rows.flatMap(({ recordId, last, sites }) => sites.map((site) => ({ recordId, last, ...site })));
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
      byteas(
        sites.map(({ recordId, siteId, arrival }) => keyRing.seal("arrival", arrival, arrivalAbout(recordId, siteId))),
      ),
    ],
  );
  return { failed: rows.filter(({ failed }) => failed).length, sites: new Set(sites.map(({ siteId }) => siteId)) };
};
