import pg from "pg";
import type { ServerConfig } from "../config.ts";
import type { Zone } from "../trusts.ts";
import type { DatabaseRole } from "./cluster.ts";

/** Roles that the server uses while it runs; the owner migrates, and belongs to commands. */
export type ServingRole = Exclude<DatabaseRole, "owner">;
export type ZonePools = Readonly<Record<ServingRole, pg.Pool>>;

/**
 * The roles that each zone needs: one of its own to read with; `identity`, which knows who is who; and `ingest` where
 * entries come in. A process knows the passwords of its zones' roles and no others.
 */
export const rolesOfZone: Readonly<Record<Zone, readonly ServingRole[]>> = {
  app: [],
  crew: ["identity", "ingest", "crew"],
  care: ["identity", "ingest", "care"],
  control: ["identity", "ingest", "control"],
};

/** What a process needs: its zones' roles, and the archiver's where it seals. */
export const rolesOf = ({
  zones,
  letterbox,
  standby,
}: Pick<ServerConfig, "zones" | "letterbox" | "standby">): ServingRole[] => [
  // A standby may become the base.
  ...new Set([...zones.flatMap((zone) => rolesOfZone[zone]), ...(letterbox || standby ? (["archive"] as const) : [])]),
];

const poolSizes: Record<ServingRole, number> = { ingest: 4, identity: 3, crew: 8, care: 6, control: 4, archive: 3 };

/** Pools of these roles. `url` is asked anew at each connection, because a password may have been rotated. */
export const openZonePools = (
  roles: readonly ServingRole[],
  url: (role: ServingRole) => string,
): { pools: ZonePools; close(): Promise<void> } => {
  const open = new Map(roles.map((role) => [role, openPool(role, () => url(role))]));
  const of = (role: ServingRole): pg.Pool => open.get(role) ?? absentPool(role);
  return {
    pools: {
      ingest: of("ingest"),
      identity: of("identity"),
      crew: of("crew"),
      care: of("care"),
      control: of("control"),
      archive: of("archive"),
    },
    close: async () => {
      await Promise.all([...open.values()].map((pool) => pool.end()));
    },
  };
};

const openPool = (role: ServingRole, url: () => string): pg.Pool => {
  const pool = new pg.Pool({
    Client: clientWith(url),
    max: poolSizes[role],
    connectionTimeoutMillis: 5_000,
    statement_timeout: 20_000,
    application_name: `holdfast ${role}`,
  });
  // A connection that breaks while idle is replaced; whoever needs one meanwhile is told.
  pool.on("error", () => {});
  // The pool listens only while a connection is idle. One that breaks between two statements of a transaction would end
  // the process; whoever holds it learns of the break from its next statement.
  pool.on("connect", (client) => void client.on("error", () => {}));
  return pool;
};

const clientWith = (url: () => string) =>
  class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionString: url() });
    }
  };

/** Stands where a role is none of this process's zones': whatever reaches for it is in the wrong zone. */
const absentPool = (role: ServingRole): pg.Pool =>
  new Proxy({} as pg.Pool, {
    get: () => {
      throw new Error(`No zone of this process has the database role ${role}.`);
    },
  });
