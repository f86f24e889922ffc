import type pg from "pg";

/** Advisory locks of a trust's database. */
const inUseLock = 4_852_112;
const rotationLock = 4_852_113;

const tryLock = async (client: pg.ClientBase, call: string, lock: number): Promise<boolean> => {
  const { rows } = await client.query<{ got: boolean }>(`SELECT ${call}($1) AS got`, [lock]);
  return rows[0]!.got;
};

/**
 * Held by every process for as long as it works with the keys it has read, so that a rotation can wait until nobody goes on
 * sealing with the old ones. Resolves to false while a rotation changes the files. Ends with the connection.
 */
export const holdKeys = (client: pg.ClientBase): Promise<boolean> =>
  tryLock(client, "pg_try_advisory_lock_shared", inUseLock);

/** Resolves to false while any process holds the keys. */
export const claimKeys = (client: pg.ClientBase): Promise<boolean> =>
  tryLock(client, "pg_try_advisory_lock", inUseLock);

export const releaseKeys = (client: pg.ClientBase): Promise<unknown> =>
  client.query("SELECT pg_advisory_unlock($1)", [inUseLock]);

/** One rotation at a time. Resolves to false while another runs. */
export const claimRotation = (client: pg.ClientBase): Promise<boolean> =>
  tryLock(client, "pg_try_advisory_lock", rotationLock);
