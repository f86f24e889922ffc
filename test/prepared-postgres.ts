import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "#server/config.ts";
import { openCluster } from "#server/postgres/cluster.ts";
import { trusts } from "#server/trusts.ts";

/** What the tests of this run share; test/global-set-up.ts makes it. */
const shared = process.env.HOLDFAST_TEST_SHARED;

/**
 * Gives a HOLDFAST_DATA that has no database a copy of the migrated ones that the first test of the run made: copying takes a fifth of
 * the time of making. Nothing of a life is in them, neither keys nor lines; the roles get other passwords with each start. How
 * databases are made from nothing is tested where a test starts a PostgreSQL of its own.
 */
export const putPreparedPostgres = async (data: string): Promise<void> => {
  if (shared === undefined || existsSync(join(data, "postgres"))) return;
  const prepared = join(shared, "prepared");
  if (!existsSync(prepared)) await prepare(prepared);
  mkdirSync(join(data, "secrets"), { recursive: true, mode: 0o700 });
  // Not by Node's own copy: the files belong to the user that PostgreSQL runs as.
  for (const part of ["postgres", "secrets/admin"]) execFileSync("cp", ["-a", join(prepared, part), join(data, part)]);
};

const prepare = async (place: string): Promise<void> => {
  const draft = mkdtempSync(`${place}-`);
  const cluster = await openCluster(readConfig({ HOLDFAST_DATA: draft }), { fsync: false });
  try {
    for (const { trust } of trusts) await cluster.prepare(trust);
  } finally {
    await cluster.stop();
  }
  try {
    renameSync(draft, place);
  } catch {
    // Another worker was first.
    rmSync(draft, { recursive: true, force: true });
  }
};
