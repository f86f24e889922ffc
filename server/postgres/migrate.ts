import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { SetupProblem } from "../config.ts";
import { postgresFolder } from "./embedded.ts";

/** Any number that nothing else in the cluster locks. */
const migrationLock = 4_852_111;

/**
 * Brings a trust's database up to date: plain SQL files, in order, forward only, each in a transaction of its own, under an
 * advisory lock so that processes that start at once wait for the first. Why not a migration library:
 * docs/decisions/0007-plain-sql-migrations.md.
 */
export const migrate = async (client: pg.Client): Promise<void> => {
  await client.query("SELECT pg_advisory_lock($1)", [migrationLock]);
  try {
    await client.query(
      "CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, applied timestamptz NOT NULL DEFAULT now())",
    );
    const { rows } = await client.query<{ name: string }>("SELECT name FROM migration");
    const applied = new Set(rows.map((row) => row.name));
    const known = migrationNames();
    refuseNewer(applied, known);
    for (const name of known.filter((each) => !applied.has(each))) await apply(client, name);
  } finally {
    await client.query("SELECT pg_advisory_unlock($1)", [migrationLock]);
  }
};

/** For a process that does not prepare: another must have brought this database to this very version. */
export const checkMigrated = async (client: pg.Client): Promise<void> => {
  const { rows } = await client
    .query<{ name: string }>("SELECT applied_migrations() AS name")
    .catch(() => ({ rows: [] }));
  const applied = new Set(rows.map((row) => row.name));
  const known = migrationNames();
  refuseNewer(applied, known);
  if (known.every((name) => applied.has(name))) return;
  throw new SetupProblem(
    "database-not-prepared",
    "The database is not prepared for this version.",
    "start a process whose DATABASE_URL names a user that may create databases; then start this one again.",
  );
};

const refuseNewer = (applied: ReadonlySet<string>, known: readonly string[]): void => {
  const newer = [...applied].find((name) => !known.includes(name));
  if (newer === undefined) return;
  throw new SetupProblem(
    "database-newer",
    `The database has the migration ${newer}, which this version does not know.`,
    "start the newer version that made it; a database never goes back.",
  );
};

export const migrationNames = (): string[] =>
  readdirSync(join(postgresFolder, "migrations"))
    .filter((name) => /^\d{4}_[a-z_]+\.sql$/.test(name))
    .sort();

const apply = async (client: pg.Client, name: string): Promise<void> => {
  const sql = readFileSync(join(postgresFolder, "migrations", name), "utf8");
  try {
    await client.query("BEGIN");
    await client.query(sql);
    await client.query("INSERT INTO migration (name) VALUES ($1)", [name]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw new Error(`Migration ${name} failed: ${(error as Error).message}`, { cause: error });
  }
};
