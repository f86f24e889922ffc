import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "#server/config.ts";
import { createCareLog } from "#server/logs/care-log.ts";
import { type Cluster, openCluster } from "#server/postgres/cluster.ts";
import { createKeyRing } from "#server/sealing/key-ring.ts";
import { fileTrustKey } from "#server/sealing/trust-key.ts";
import { logStoreContract } from "#sync/store.contract.ts";
import { postgresVersions, sql, startTestPostgres } from "#test/postgres.ts";
import { newDevice, newRecord, nextRun, sha256 } from "../../bench/workload.ts";

const tables = "care_line, record_key, record_head, record_site, arrival, search_token, chain_hole";

describe.each(postgresVersions)("the care log on PostgreSQL $version", (version) => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-log-"));
  let postgres: Awaited<ReturnType<typeof startTestPostgres>>;
  let cluster: Cluster;
  const pools: pg.Pool[] = [];
  const keyRing = createKeyRing(fileTrustKey(folder, "northmoor"));
  const open = () => {
    const pool = new pg.Pool({ connectionString: cluster.url("northmoor", "ingest"), max: 2 });
    // A connection that PostgreSQL ends while idle is no failure of a test.
    pool.on("error", () => {});
    pools.push(pool);
    const onProjectionFailure = (error: unknown) => {
      throw error;
    };
    return createCareLog({ pool, keyRing, onProjectionFailure });
  };

  beforeAll(async () => {
    postgres = await startTestPostgres(version);
    cluster = await openCluster(readConfig({ HOLDFAST_DATA: folder, DATABASE_URL: postgres.url }));
    await cluster.prepare("northmoor");
  });
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await cluster?.stop();
    await postgres?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  logStoreContract(`PostgreSQL ${version.version}`, async () => {
    const owner = cluster.url("northmoor", "owner");
    await sql(owner, `TRUNCATE ${tables}`);
    await sql(owner, "UPDATE log_head SET position = 0");
    return { store: open() };
  });

  test("[S14] two processes that append at once leave no gap and no repeat", async () => {
    const stores = [open(), open()];
    const before = Number(
      (await sql<{ p: string }>(cluster.url("northmoor", "owner"), "SELECT max(position) p FROM care_line"))[0]?.p ?? 0,
    );
    const write = async (store: (typeof stores)[number]) => {
      const device = newDevice();
      for (let round = 0; round < 15; round++) {
        const record = newRecord();
        const run = await nextRun(device, record, 7);
        const lines = run.entries.map((text) => ({
          recordId: record.recordId,
          deviceId: device.deviceId,
          hash: sha256(text),
          text,
          signature: "s",
          entry: JSON.parse(text),
          quarantine: undefined,
        }));
        expect(await store.append(lines, new Map([[record.recordId, 0]]))).toMatchObject({ outcome: "committed" });
      }
    };
    await Promise.all([...stores, ...stores].map(write));
    const rows = await sql<{ position: string }>(
      cluster.url("northmoor", "owner"),
      "SELECT position FROM care_line WHERE position > $1 ORDER BY position",
      [before],
    );
    expect(rows.map((row) => Number(row.position))).toEqual(
      Array.from({ length: 4 * 15 * 7 }, (_, i) => before + i + 1),
    );
  });

  test("migrating again, and by several at once, changes nothing", async () => {
    const applied = () => sql(cluster.url("northmoor", "owner"), "SELECT name, applied FROM migration ORDER BY name");
    const before = await applied();
    await Promise.all([cluster.prepare("northmoor"), cluster.prepare("northmoor"), cluster.prepare("northmoor")]);
    expect(await applied()).toEqual(before);
    await Promise.all([cluster.prepare("westvale"), cluster.prepare("westvale")]);
    expect((await sql(cluster.url("westvale", "owner"), "SELECT name FROM migration")).length).toBe(before.length);
  });
});
