import pg from "pg";
import { SetupProblem } from "../config.ts";
import { createTurns } from "../turns.ts";

/**
 * A standby's database: written by one process, with the owner's rights, one transaction at a time. What the zones' roles could append
 * is taken from them, so that only a replay of the archive gives a line its place.
 */
export interface ReplicaDatabase {
  /** In a transaction of its own; when it has committed, these records are newer than anybody has read them. */
  write<T>(work: (client: pg.ClientBase) => Promise<T>, touched?: (done: T) => Iterable<string>): Promise<T>;
  query: pg.Pool["query"];
  pool: pg.Pool;
  /** Nothing else is written meanwhile. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Goes up whenever something of the record was written. */
  versionOf(recordId: string): number;
  close(): Promise<void>;
}

/** The functions that give lines their places. */
const appends = [
  ["append_care", "holdfast_ingest"],
  ["append_access", "holdfast_crew, holdfast_care, holdfast_control"],
  ["append_control", "holdfast_control"],
  ["append_identity", "holdfast_identity"],
  ["append_proof", "holdfast_archive"],
] as const;

/** Opens a trust's migrated database as a standby's. Throws SetupProblem for one that a base writes. `url` is the owner's. */
export const openReplicaDatabase = async (url: string): Promise<ReplicaDatabase> => {
  const pool = new pg.Pool({ connectionString: url, max: 3, application_name: "holdfast standby" });
  pool.on("error", () => {});
  pool.on("connect", (client) => void client.on("error", () => {}));
  await becomeStandby(pool).catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  const alone = createTurns();
  const versions = new Map<string, number>();
  // 0 stands for a record that is not there.
  const versionOf = (recordId: string): number => versions.get(recordId) ?? 1;
  return {
    pool,
    query: pool.query.bind(pool) as pg.Pool["query"],
    alone,
    versionOf,
    write: (work, touched) =>
      alone(async () => {
        const client = await pool.connect();
        try {
          await client.query("BEGIN");
          const done = await work(client);
          await client.query("COMMIT");
          for (const recordId of touched?.(done) ?? []) versions.set(recordId, versionOf(recordId) + 1);
          client.release();
          return done;
        } catch (error) {
          await client.query("ROLLBACK").catch(() => {});
          client.release(true);
          throw error;
        }
      }),
    close: async () => {
      await alone(async () => {});
      await pool.end();
    },
  };
};

const becomeStandby = async (pool: pg.Pool): Promise<void> => {
  const { rows } = await pool.query<{ mode: string; lines: string }>(
    "SELECT mode, (SELECT sum(position) FROM log_head) AS lines FROM life",
  );
  const { mode, lines } = rows[0]!;
  if (mode === "base" && Number(lines) > 0)
    throw new SetupProblem(
      "not-a-standby",
      "This is the database of a base.",
      "give the standby a HOLDFAST_DATA or DATABASE_URL of its own.",
    );
  await pool.query("UPDATE life SET mode = 'standby'");
  for (const [name, roles] of appends) await pool.query(`REVOKE EXECUTE ON FUNCTION ${name} FROM ${roles}`);
};

/** Lets the zones append again: from now on this database gives places. `client` is the owner's. */
export const becomeBase = async (client: pg.ClientBase): Promise<void> => {
  await client.query("UPDATE life SET mode = 'base'");
  await client.query("DELETE FROM said_at_standby");
  for (const [name, roles] of appends) await client.query(`GRANT EXECUTE ON FUNCTION ${name} TO ${roles}`);
};
