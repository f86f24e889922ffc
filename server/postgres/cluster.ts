import { join } from "node:path";
import pg from "pg";
import { type ServerConfig, SetupProblem } from "../config.ts";
import { existingSecret, secretFile } from "../secrets.ts";
import { type EmbeddedOptions, startEmbedded } from "./embedded.ts";
import { checkMigrated, migrate } from "./migrate.ts";
import { rolesOf } from "./zone-pools.ts";

/** Login roles. `owner` migrates and rebuilds; the others are the server's while it runs. */
export const databaseRoles = ["owner", "ingest", "identity", "crew", "care", "control", "archive"] as const;
export type DatabaseRole = (typeof databaseRoles)[number];

export interface Cluster {
  /** False: another process prepares the databases, and this one knows only the passwords it can read. */
  prepares: boolean;
  /** Connection string of a trust's database for one role, with its password as it is now. */
  url(trust: string, role: DatabaseRole): string;
  /** Creates the trust's database if it is missing, and migrates it; or sees that another process has. */
  prepare(trust: string): Promise<void>;
  /** Makes an empty, migrated database for a rehearsal, in the place of one that is left of another; `url` gives its address. */
  prepareScratch(name: string): Promise<void>;
  /** Ends every session in it, and removes it. */
  dropScratch(name: string): Promise<void>;
  /** Gives the roles the passwords that their files hold now, and ends the sessions that began with others. */
  applyPasswords(roles: readonly DatabaseRole[]): Promise<void>;
  stop(): Promise<void>;
}

const provisionLock = 4_852_110;
const oldestVersion = 15;

/**
 * Starts the embedded PostgreSQL, or connects to `DATABASE_URL`, and makes the roles. A `DATABASE_URL` without a user is of
 * a process that runs some zones and nothing else: it makes nothing, and needs no password but those of its zones' roles.
 */
export const openCluster = async (config: ServerConfig, options: EmbeddedOptions = {}): Promise<Cluster> => {
  const secrets = join(config.dataDirectory, "secrets");
  const embedded =
    config.databaseUrl === undefined
      ? await startEmbedded(join(config.dataDirectory, "postgres"), join(secrets, "admin"), options)
      : undefined;
  const adminUrl = embedded?.url ?? config.databaseUrl!;
  const prepares = new URL(adminUrl).username !== "";
  const passwordOf = (role: DatabaseRole): string =>
    prepares ? secretFile(join(secrets, role)) : existingSecret(join(secrets, role));
  const asAdmin = (work: (admin: pg.Client) => Promise<void>): Promise<void> =>
    withClient(adminUrl, (admin) => locked(admin, () => work(admin)));
  try {
    if (prepares)
      await asAdmin(async (admin) => {
        await checkVersion(admin);
        await makeRoles(admin, databaseRoles, passwordOf);
      });
    // What is missing is told now, and not by the first request that needs it.
    else for (const role of rolesOf(config)) passwordOf(role);
  } catch (error) {
    await embedded?.stop();
    throw error;
  }
  const url = (trust: string, role: DatabaseRole): string => {
    const at = new URL(adminUrl);
    at.username = `holdfast_${role}`;
    at.password = passwordOf(role);
    at.pathname = `/holdfast_${trust}`;
    return at.toString();
  };
  const dropScratch = (name: string): Promise<void> =>
    asAdmin(async (admin) => void (await admin.query(`DROP DATABASE IF EXISTS holdfast_${name} WITH (FORCE)`)));
  return {
    prepares,
    url,
    dropScratch,
    prepareScratch: async (name) => {
      await dropScratch(name);
      await asAdmin((admin) => makeDatabase(admin, `holdfast_${name}`));
      await withClient(url(name, "owner"), migrate);
    },
    prepare: async (trust) => {
      if (!prepares) return withClient(url(trust, "identity"), checkMigrated);
      await asAdmin((admin) => makeDatabase(admin, `holdfast_${trust}`));
      const inside = new URL(adminUrl);
      inside.pathname = `/holdfast_${trust}`;
      await withClient(inside.toString(), (admin) => locked(admin, () => closeLargeObjects(admin)));
      await withClient(url(trust, "owner"), migrate);
    },
    applyPasswords: (roles) =>
      asAdmin(async (admin) => {
        await makeRoles(admin, roles, passwordOf);
        await admin.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY ($1) AND pid <> pg_backend_pid()",
          [roles.map((role) => `holdfast_${role}`)],
        );
      }),
    stop: async () => embedded?.stop(),
  };
};

const withClient = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    const at = new URL(url);
    throw new SetupProblem(
      "no-database",
      `The database at ${at.hostname}:${at.port || "5432"} cannot be reached: ${(error as Error).message}.`,
      "check DATABASE_URL and that PostgreSQL runs, or unset it to use the embedded one.",
    );
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

const locked = async (client: pg.Client, work: () => Promise<void>): Promise<void> => {
  await client.query("SELECT pg_advisory_lock($1)", [provisionLock]);
  try {
    await work();
  } finally {
    await client.query("SELECT pg_advisory_unlock($1)", [provisionLock]);
  }
};

const checkVersion = async (admin: pg.Client): Promise<void> => {
  const { rows } = await admin.query<{ v: string }>("SELECT current_setting('server_version_num') AS v");
  const major = Math.floor(Number(rows[0]?.v) / 10_000);
  if (major >= oldestVersion) return;
  throw new SetupProblem(
    "old-postgres",
    `The database is PostgreSQL ${major}; Holdfast needs ${oldestVersion} or newer.`,
    "upgrade it, or unset DATABASE_URL to use the embedded one.",
  );
};

const makeRoles = async (
  admin: pg.Client,
  roles: readonly DatabaseRole[],
  passwordOf: (role: DatabaseRole) => string,
): Promise<void> => {
  for (const role of roles) {
    const password = passwordOf(role);
    const name = `holdfast_${role}`;
    const { rowCount } = await admin.query("SELECT FROM pg_roles WHERE rolname = $1", [name]);
    const verb = rowCount === 0 ? "CREATE" : "ALTER";
    await admin.query(`${verb} ROLE ${name} LOGIN INHERIT PASSWORD ${admin.escapeLiteral(password)}`);
  }
};

const makeDatabase = async (admin: pg.Client, name: string): Promise<void> => {
  const { rowCount } = await admin.query("SELECT FROM pg_database WHERE datname = $1", [name]);
  if (rowCount === 0) {
    await admin.query("GRANT holdfast_owner TO CURRENT_USER");
    await admin.query(`CREATE DATABASE ${name} OWNER holdfast_owner ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0`);
  }
  await admin.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`);
  await admin.query(
    `GRANT CONNECT ON DATABASE ${name} TO ${databaseRoles.map((role) => `holdfast_${role}`).join(", ")}`,
  );
};

/**
 * PostgreSQL lets everybody who may connect store large objects. Only a superuser may take that away: where the administrator
 * is none, as with many managed databases, it stays.
 */
const closeLargeObjects = async (admin: pg.Client): Promise<void> => {
  await admin.query(`DO $$
    DECLARE
      f regprocedure;
    BEGIN
      IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN RETURN; END IF;
      FOR f IN SELECT p.oid FROM pg_proc p
               WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ '^(lo_|lowrite|loread)'
                 AND has_function_privilege('public', p.oid, 'EXECUTE') LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
      END LOOP;
    END $$`);
};
