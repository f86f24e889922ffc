import { existsSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { readConfig, type ServerConfig, SetupProblem } from "#server/config.ts";
import { type ControlLog, createControlLog } from "#server/logs/control-log.ts";
import { type DatabaseRole, openCluster } from "#server/postgres/cluster.ts";
import { createKeyRing, type KeyRing } from "#server/sealing/key-ring.ts";
import { fileTrustKey } from "#server/sealing/trust-key.ts";

export interface OpenTrust {
  config: ServerConfig;
  keyRing: KeyRing;
  /** Connection string of the trust's database for one role. */
  url(role: DatabaseRole): string;
}

/**
 * Works on one trust's database with its keys, as the settings say where they are, beside a server or without one; lets go of it at
 * the end. Throws SetupProblem, also where there is no database and `mayBeNew` does not say that one is to be made.
 */
export const withTrust = async <T>(
  trust: string,
  work: (open: OpenTrust) => Promise<T>,
  { mayBeNew = false } = {},
): Promise<T> => {
  const config = readConfig(process.env);
  const isThere = config.databaseUrl !== undefined || existsSync(join(config.dataDirectory, "postgres"));
  if (!isThere && !mayBeNew)
    throw new SetupProblem(
      "no-data",
      `There is no database in ${config.dataDirectory}.`,
      "set HOLDFAST_DATA, or DATABASE_URL, to what the server runs with.",
    );
  const cluster = await openCluster(config, { attach: true });
  try {
    await cluster.prepare(trust);
    const keyRing = createKeyRing(fileTrustKey(config.dataDirectory, trust));
    return await work({ config, keyRing, url: (role) => cluster.url(trust, role) });
  } finally {
    await cluster.stop();
  }
};

/** The trust's control log, to read and to append to; `pool` is the database's owner. */
export const withControlLog = <T>(trust: string, work: (log: ControlLog, pool: pg.Pool) => Promise<T>): Promise<T> =>
  withTrust(trust, async ({ keyRing, url }) => {
    const pool = new pg.Pool({ connectionString: url("owner"), max: 1 });
    try {
      return await work(createControlLog(pool, keyRing, "append_control"), pool);
    } finally {
      await pool.end();
    }
  });
