import { join } from "node:path";
import pg from "pg";
import { readConfig } from "#server/config.ts";
import type { RunningServer } from "#server/main.ts";
import { openCluster } from "#server/postgres/cluster.ts";
import { createKeyRing } from "#server/sealing/key-ring.ts";
import { fileTrustKey } from "#server/sealing/trust-key.ts";
import { trusts } from "#server/trusts.ts";
import { type Running, startHoldfast } from "../tools/drill/processes.ts";
import { putPreparedPostgres } from "./prepared-postgres.ts";

/** A base in a process of its own, to be killed. */
export interface BaseProcess {
  /** What a test writes past the wire: the cells' logs and databases, and nothing else of them. */
  cells: RunningServer["cells"];
  /** With SIGKILL, and its PostgreSQL too. */
  kill(): Promise<void>;
  /** On the same data. */
  start(): Promise<void>;
  /** As Ctrl-C does. */
  close(): Promise<void>;
}

/** Starts it on `data`, with these settings beside the demonstration's people. */
export const startBaseProcess = async (data: string, settings: Record<string, string>): Promise<BaseProcess> => {
  await putPreparedPostgres(data);
  const environment = { HOLDFAST_DEMO: "0", HOLDFAST_DEMO_PEOPLE: "1", ...settings, HOLDFAST_DATA: data };
  const cells = new Map<string, unknown>();
  let pools: pg.Pool[] = [];
  let running: Running;
  const start = async (): Promise<void> => {
    running = await startHoldfast(["serve", "--zones", "crew,care,control"], environment, [join(data, "postgres")]);
    const cluster = await openCluster(readConfig(environment), { attach: true });
    for (const { trust } of trusts) {
      const identity = new pg.Pool({ connectionString: cluster.url(trust, "identity"), max: 1 });
      identity.on("error", () => {});
      pools.push(identity);
      const databaseUrl = cluster.url.bind(cluster, trust);
      cells.set(trust, { pools: { identity }, keyRing: createKeyRing(fileTrustKey(data, trust)), databaseUrl });
    }
  };
  const letGo = async (): Promise<void> => {
    for (const pool of pools) await pool.end().catch(() => {});
    pools = [];
  };
  await start();
  return {
    cells: cells as unknown as RunningServer["cells"],
    start,
    kill: async () => {
      await letGo();
      await running.kill();
    },
    close: async () => {
      await letGo();
      await running.stop();
    },
  };
};
