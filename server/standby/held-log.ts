import type pg from "pg";
import type { AppendOutcome, LogStore, NewLine, RecordHeads } from "#sync/store.ts";
import { chainsOf, readCareLines } from "../logs/care-lines.ts";
import { readHeldLines } from "../logs/held-lines.ts";
import { byteas, int4s, texts, uuids } from "../postgres/binary-array.ts";
import { projectRecords } from "../projection/project-records.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { notifyRecords } from "./notify.ts";
import type { ReplicaDatabase } from "./replica-database.ts";

/** What is pushed to a standby, as the sequencer sees it: the replayed log with what is held beside it. Gives no positions. */
export interface HeldLog extends LogStore {
  /** Of these hashes of a record's entries, those that are held and are in no log. */
  held(hashes: readonly string[]): Promise<ReadonlySet<string>>;
}

export const createHeldLog = (database: ReplicaDatabase, keyRing: KeyRing): HeldLog => ({
  heads: async (recordIds) => {
    const found = new Map<string, RecordHeads>();
    // Read before the lines: what is written meanwhile makes them stale.
    const versions = new Map(recordIds.map((id) => [id, database.versionOf(id)]));
    const replayed = await readCareLines(database.pool, keyRing, recordIds);
    const held = await readHeldLines(database.pool, keyRing, recordIds);
    for (const recordId of recordIds) {
      const lines = [...(replayed.get(recordId)?.lines ?? []), ...(held.get(recordId) ?? [])];
      found.set(recordId, {
        lastPosition: versions.get(recordId)!,
        chains: chainsOf(lines),
        quarantined: new Set(lines.filter(({ quarantine }) => quarantine !== undefined).map(({ hash }) => hash)),
      });
    }
    return found;
  },
  append: (lines, expected) => append(database, keyRing, lines, expected),
  held: async (hashes) => {
    const { rows } = await database.query<{ hash: Buffer }>(
      "SELECT hash FROM held_line WHERE hash = ANY ($1::bytea[])",
      [byteas(hashes.map((hash) => Buffer.from(hash, "hex")))],
    );
    return new Set(rows.map(({ hash }) => hash.toString("hex")));
  },
});

const append = (
  database: ReplicaDatabase,
  keyRing: KeyRing,
  lines: readonly NewLine[],
  expected: ReadonlyMap<string, number>,
): Promise<AppendOutcome> =>
  database.write<AppendOutcome>(
    async (client) => {
      const stale = [...expected].filter(([id, version]) => database.versionOf(id) !== version).map(([id]) => id);
      if (stale.length > 0) return { outcome: "stale", recordIds: stale };
      const stored = await storedIds(client, lines);
      if (stored.size > 0) return { outcome: "id-taken", stored };
      const recordIds = [...new Set(lines.map(({ recordId }) => recordId))];
      await client.query(
        `INSERT INTO held_line (received, record_id, device_id, n, entry_id, hash, signature, quarantine, sealed)
         SELECT now(), * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::uuid[], $5::bytea[], $6::text[], $7::text[], $8::bytea[])`,
        [
          uuids(lines.map(({ recordId }) => recordId)),
          uuids(lines.map(({ deviceId }) => deviceId)),
          int4s(lines.map(({ entry, quarantine }) => (quarantine === undefined ? entry!.n : null))),
          uuids(lines.map(({ entry, quarantine }) => (quarantine === undefined ? entry!.id : null))),
          byteas(lines.map(({ hash }) => Buffer.from(hash, "hex"))),
          texts(lines.map(({ signature }) => signature ?? null)),
          texts(lines.map(({ quarantine }) => quarantine ?? null)),
          byteas(lines.map(({ text, hash }) => keyRing.seal("held", text, hash))),
        ],
      );
      const { sites } = await projectRecords(client, keyRing, recordIds);
      const { rows } = await client.query<{ epoch: number }>("SELECT epoch FROM life");
      const { epoch } = rows[0]!;
      // A record that moved without a line of the log: whoever watches asks again, from where they are.
      const heads = new Map(recordIds.map((id) => [id, database.versionOf(id)]));
      await notifyRecords(client, epoch, heads, sites);
      return { outcome: "committed", epoch, firstPosition: 0 };
    },
    ({ outcome }) => (outcome === "committed" ? expected.keys() : []),
  );

/** Entry ids that are in the log, or held, already: in another place or with other bytes. */
const storedIds = async (client: pg.ClientBase, lines: readonly NewLine[]): Promise<Map<string, string>> => {
  const ids = lines.flatMap(({ entry, quarantine }) => (quarantine === undefined && entry ? [entry.id] : []));
  const { rows } = await client.query<{ entry_id: string; hash: Buffer }>(
    `SELECT entry_id, hash FROM care_line WHERE entry_id = ANY ($1::uuid[])
     UNION SELECT entry_id, hash FROM held_line WHERE entry_id = ANY ($1::uuid[])`,
    [uuids(ids)],
  );
  return new Map(rows.map(({ entry_id, hash }) => [entry_id, hash.toString("hex")]));
};
