import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll } from "vitest";
import type { RunningServer } from "#server/main.ts";
import { startEmbedded } from "#server/postgres/embedded.ts";

export interface PostgresVersion {
  version: 15 | 18;
  /** Undefined: the one that npm brought. */
  binaries: string | undefined;
}

const debian15 = "/usr/lib/postgresql/15/bin";
const wanted = process.env.HOLDFAST_TEST_PG;

/**
 * The versions that the same SQL is tested on: npm's 18, and Debian's 15 where it is installed (the set-up step installs
 * it when it may). `HOLDFAST_TEST_PG=15` or `18` picks one, and then a missing one is a failure.
 */
export const postgresVersions: PostgresVersion[] = [
  { version: 18 as const, binaries: undefined },
  { version: 15 as const, binaries: debian15 },
].filter(({ version, binaries }) =>
  wanted === undefined ? binaries === undefined || existsSync(binaries) : wanted === String(version),
);
if (postgresVersions.length === 1 && wanted === undefined)
  console.warn("PostgreSQL 15 is not installed (Debian: apt-get install postgresql-15): its tests are skipped.");

/** A PostgreSQL of its own, empty, for `databaseUrl`. `stop` removes its data. */
export const startTestPostgres = async ({
  binaries,
}: PostgresVersion): Promise<{ url: string; stop(): Promise<void> }> => {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-pg-"));
  const running = await startEmbedded(join(folder, "data"), join(folder, "secrets", "admin"), {
    fsync: false,
    ...(binaries && { binaries }),
  });
  return {
    url: running.url,
    stop: async () => {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** A connection, for the tests of a file, to an empty PostgreSQL of their own. */
export const useTestClient = (): (() => pg.Client) => {
  let postgres: Awaited<ReturnType<typeof startTestPostgres>> | undefined;
  let client: pg.Client | undefined;
  beforeAll(async () => {
    postgres = await startTestPostgres(postgresVersions[0]!);
    client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await postgres?.stop();
  });
  return () => client!;
};

/** That connection string, to a trust's database. */
export const inDatabase = (url: string, trust = "northmoor"): string => {
  const at = new URL(url);
  at.pathname = `/holdfast_${trust}`;
  return at.toString();
};

/** Runs SQL over a connection of its own. */
export const sql = async <Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values?: unknown[],
): Promise<Row[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
};

/** Rows of a table of Northmoor's database, as its owner counts them. */
export const countRows = async (server: Pick<RunningServer, "cells">, table: string): Promise<number> => {
  const url = server.cells.get("northmoor")!.databaseUrl("owner");
  const [row] = await sql<{ rows: number }>(url, `SELECT count(*)::int AS rows FROM ${table}`);
  return row!.rows;
};
