import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { directoryStore } from "#server/archive/directory-store.ts";
import { createLetterbox } from "#server/archive/letterbox.ts";
import { readConfig } from "#server/config.ts";
import { openCluster } from "#server/postgres/cluster.ts";
import { bytea, type Column, copyIn, copyRows, instant, int4, int8, text, uuid } from "#server/postgres/copy.ts";
import { startEmbedded } from "#server/postgres/embedded.ts";
import { restore } from "#server/recovery/restore.ts";
import { createKeyRing } from "#server/sealing/key-ring.ts";
import { fileTrustKey } from "#server/sealing/trust-key.ts";
import { log, makeArchive, trust } from "./make-archive.ts";
import { type Measurement, median, offLimit } from "./measurement.ts";
import { progress } from "./rig.ts";
import { scale } from "./storm.ts";

const entries = Math.round(1_000_000 * scale);
const turns = 3;

/** What it takes to make a trust's database again from its archive, projections and proof included, against COPY of the same rows. */
export const restoreBench = async (): Promise<Measurement[]> => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-restore-"));
  // PostgreSQL runs as a user of its own, who must be able to reach its data.
  chmodSync(folder, 0o755);
  const postgres = await startEmbedded(join(folder, "postgres"), join(folder, "admin-password"));
  const killPostgres = () => process.kill(postgres.pid, "SIGQUIT");
  process.once("exit", killPostgres);
  try {
    const directory = join(folder, "segments");
    const { logKey, identity } = await makeArchive(directory, entries);
    const config = readConfig({ HOLDFAST_DATA: join(folder, "data"), DATABASE_URL: postgres.url });
    const cluster = await openCluster(config);
    const letterbox = createLetterbox({ store: directoryStore(directory), logKeys: () => [] });
    const runs: number[] = [];
    const limits: number[] = [];
    const seconds: number[] = [];
    for (let turn = 0; turn < turns; turn++) {
      await asAdmin(postgres.url, "postgres", (admin) =>
        admin.query(`DROP DATABASE IF EXISTS holdfast_${trust} WITH (FORCE)`),
      );
      await cluster.prepare(trust);
      const keyRing = createKeyRing(fileTrustKey(config.dataDirectory, trust));
      const url = cluster.url(trust, "owner");
      const started = performance.now();
      const proof = await restore({ url, keyRing, trust, letterbox, logKeys: [logKey], identity });
      seconds.push((performance.now() - started) / 1_000);
      if (proof.failed > 0 || proof.logs.find((each) => each.log === log)!.lines !== entries)
        throw new Error("the restore is not whole");
      runs.push(entries / seconds.at(-1)!);
      limits.push(await asAdmin(postgres.url, `holdfast_${trust}`, copyRate));
      progress(`restore: ${seconds.at(-1)!.toFixed(1)} s, ${Math.round(limits.at(-1)!)} rows/s by COPY`);
    }
    await cluster.stop();
    return [
      {
        name: "restore",
        unit: "entries/s",
        better: "more",
        runs,
        limits,
        goal: "≥ 0.2, aim 0.4; 1 M ≤ 15 min",
        note: `${entries} entries in ${median(seconds).toFixed(0)} s, with projections and proof; limit: binary COPY of the same rows from memory over one connection into a bare table with a key${offLimit(limits, 90_000)}`,
      },
    ];
  } finally {
    await postgres.stop();
    process.off("exit", killPostgres);
    rmSync(folder, { recursive: true, force: true });
  }
};

interface CareLine {
  position: string;
  epoch: number;
  received: Date;
  device_id: string;
  record_id: string;
  n: number;
  entry_id: string;
  hash: Buffer;
  signature: string | null;
  quarantine: string | null;
  sealed: Buffer;
}
const careLine: readonly Column<CareLine>[] = [
  int8("position", (row) => Number(row.position)),
  int4("epoch", (row) => row.epoch),
  instant("received", (row) => row.received.getTime()),
  uuid("device_id", (row) => row.device_id),
  uuid("record_id", (row) => row.record_id),
  int4("n", (row) => row.n),
  uuid("entry_id", (row) => row.entry_id),
  bytea("hash", (row) => row.hash),
  text("signature", (row) => row.signature),
  text("quarantine", (row) => row.quarantine),
  bytea("sealed", (row) => row.sealed),
];

const pageRows = 50_000;

/** Rows a second of the care log, as COPY brings them over one connection into a bare table beside it. */
const copyRate = async (admin: pg.Client): Promise<number> => {
  await admin.query("CREATE TABLE bench_line (LIKE care_line, PRIMARY KEY (position))");
  let seconds = 0;
  for (let after = 0; after < entries; after += pageRows) {
    const page = "SELECT * FROM care_line WHERE position > $1 ORDER BY position LIMIT $2";
    const { rows } = await admin.query<CareLine>(page, [after, pageRows]);
    const started = performance.now();
    await copyIn(
      admin,
      "bench_line",
      careLine.map(({ name }) => name),
      copyRows(careLine, rows),
    );
    seconds += (performance.now() - started) / 1_000;
  }
  const { rowCount } = await admin.query("SELECT FROM bench_line WHERE position = $1", [entries]);
  if (rowCount !== 1) throw new Error("the copy is not whole");
  await admin.query("DROP TABLE bench_line");
  return entries / seconds;
};

const asAdmin = async <T>(url: string, database: string, work: (admin: pg.Client) => Promise<T>): Promise<T> => {
  const at = new URL(url);
  at.pathname = `/${database}`;
  const admin = new pg.Client({ connectionString: at.toString() });
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.end();
  }
};
