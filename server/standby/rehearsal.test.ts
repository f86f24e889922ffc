import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readConfig } from "#server/config.ts";
import { readOfficers } from "#server/epochs/officers.ts";
import type { RunningServer } from "#server/main.ts";
import { type Cluster, openCluster } from "#server/postgres/cluster.ts";
import { bootStandbyForTest, call } from "#test/boot.ts";
import { enrolTestDevice, incident, note, push, runOf, testChain } from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import { useArchive, useArchivedBase } from "#test/set-up.ts";
import { createRehearsal, type Rehearsal, type RehearsalResult } from "./rehearsal.ts";

const trust = "northmoor";
const archive = useArchive();
const base = useArchivedBase(archive, "by-itself");
let standby: RunningServer & { domain: string };
let cluster: Cluster;
let pool: pg.Pool;
let rehearsal: Rehearsal;
const told: RehearsalResult[] = [];

beforeAll(async () => {
  const tablet = await enrolTestDevice(base, "crew");
  await push(base, tablet, await runOf(tablet, testChain(), incident, note("PLANTED")));
  // A stop seals what there is, so that the archive holds all of it and grows no more.
  await base.close();
  standby = await bootStandbyForTest(archive);
  cluster = await openCluster(readConfig({ HOLDFAST_DATA: archive.standby }), { attach: true });
  pool = new pg.Pool({ connectionString: cluster.url(trust, "owner"), max: 2 });
  pool.on("error", () => {});
  rehearsal = createRehearsal({
    ...{ trust, cluster, pool, dataDirectory: archive.standby, letterbox: archive.reader },
    ...{ logKeys: archive.logKeys(trust), officers: readOfficers(archive.standby, trust) },
    identity: archive.standbyIdentity(trust),
    onResult: (result) => void told.push(result),
  });
});
afterAll(async () => {
  await rehearsal?.close();
  await pool?.end();
  await cluster?.stop();
  await standby?.close();
});

const databases = async (): Promise<string[]> =>
  (await sql<{ datname: string }>(cluster.url(trust, "owner"), "SELECT datname FROM pg_database")).map(
    ({ datname }) => datname,
  );
const inFile = (): unknown => JSON.parse(readFileSync(join(archive.standby, "rehearsal", `${trust}.json`), "utf8"));

test("a rehearsal restores the whole archive, finds what the standby has, and leaves nothing behind but its result", async () => {
  const before = await databases();
  const result = await rehearsal.run();
  expect(result.faults).toEqual([]);
  const heads = await sql<{ log: string; position: string }>(
    cluster.url(trust, "owner"),
    "SELECT log, position FROM log_head",
  );
  const linesOf = (log: string) => Number(heads.find((head) => head.log === log)!.position);
  expect(result.logs.map(({ log, lines }) => [log, lines])).toEqual(result.logs.map(({ log }) => [log, linesOf(log)]));
  expect(result).toMatchObject({ good: true, records: 1 });
  expect(told).toEqual([result]);
  expect(inFile()).toEqual(result);
  expect(JSON.stringify(result)).not.toContain("PLANTED");
  expect(await databases()).toEqual(before);
});

/** As superuser, with the triggers off: what no rule of the database's own stops. */
const change = async (statement: string): Promise<void> => {
  const url = new URL(cluster.url(trust, "owner"));
  url.username = "holdfast_admin";
  url.password = readFileSync(join(archive.standby, "secrets", "admin"), "utf8").trim();
  const superuser = new pg.Client({ connectionString: url.toString() });
  await superuser.connect();
  try {
    await superuser.query("SET session_replication_role = replica");
    await superuser.query(statement);
  } finally {
    await superuser.end();
  }
};
const faultsNow = async () => (await rehearsal.run()).faults.map(({ fault }) => fault);

test("a line that the standby has otherwise is found", async () => {
  const [line] = await sql<{ n: number }>(cluster.url(trust, "owner"), "SELECT n FROM care_line WHERE position = 2");
  await change("UPDATE care_line SET n = n + 1 WHERE position = 2");
  expect(await faultsNow()).toEqual(["differs"]);
  await change(`UPDATE care_line SET n = ${line!.n} WHERE position = 2`);
  expect(await faultsNow()).toEqual([]);
});

test("an archive that was spoiled is found, and a standby that starts says so", async () => {
  const folder = join(archive.letterboxDirectory, "segments", trust, "care");
  const path = join(folder, readdirSync(folder).sort().at(-1)!);
  const file = readFileSync(path);
  chmodSync(path, 0o600);
  file[file.length - 100]! ^= 1;
  writeFileSync(path, file);
  const { faults, good } = await rehearsal.run();
  expect(faults.map(({ fault }) => fault)).toEqual(["broken"]);
  expect(good).toBe(false);
  expect(inFile()).toEqual(told.at(-1));

  await standby.close();
  standby = await bootStandbyForTest(archive);
  const { text } = await call(standby, { zone: "crew", path: "/metrics" });
  expect(text).toContain(`holdfast_rehearsal_failed{trust="${trust}"} 1`);
  expect(text).toMatch(new RegExp(`holdfast_rehearsal_timestamp_seconds{trust="${trust}"} \\d{10}`));
});
