import type pg from "pg";
import { type AccessRow, openAccess } from "../../logs/access-line.ts";
import type { KeyRing } from "../../sealing/key-ring.ts";
import { type BrokenGlass, createGlassQueue, type GlassLine } from "./glass-queue.ts";

/** Lines that are opened between two breaths of the process. */
const linesAtOnce = 2_000;

interface GlassRow extends Omit<AccessRow, "hash" | "sealed"> {
  told: boolean;
  action: "break-glass" | "find" | "opened-again";
  device_id: string | null;
  user_id: string | null;
  record_ids: string[];
  /** Null of what a device told of itself. */
  hash: Buffer | null;
  sealed: Buffer | null;
}

/** What was read so far, by whose rights: the desk's page asks every few seconds. */
const readers = new WeakMap<pg.Pool, () => Promise<readonly BrokenGlass[]>>();

/**
 * Read from the access log itself, whose line commits before anything is shown, and from its beginning: so nothing that was
 * opened can fail to be here, however much comes after it. `pool`: of the control zone's role.
 */
export const readBrokenGlass = (pool: pg.Pool, keyRing: KeyRing): Promise<readonly BrokenGlass[]> => {
  const read = readers.get(pool) ?? createReader(pool, keyRing);
  readers.set(pool, read);
  return read();
};

const createReader = (pool: pg.Pool, keyRing: KeyRing): (() => Promise<readonly BrokenGlass[]>) => {
  let queue = createGlassQueue();
  let [epoch, position] = [0, 0];
  let incarnation = "";
  let reading: Promise<unknown> = Promise.resolve();

  const catchUp = async (): Promise<readonly BrokenGlass[]> => {
    const life = (await pool.query<{ incarnation: string }>("SELECT incarnation FROM life")).rows[0]!;
    // What answers may be another database than before, after a restore.
    if (life.incarnation !== incarnation) {
      queue = createGlassQueue();
      [epoch, position, incarnation] = [0, 0, life.incarnation];
    }
    for (;;) {
      const { rows } = await pool.query<GlassRow>({
        name: "broken-glass",
        // Of what a device told of itself its ids are enough; earlier versions called that a breaking of the glass.
        text: `SELECT epoch, position, received, told, CASE WHEN told THEN 'opened-again' ELSE action END AS action,
            device_id, user_id, record_ids, CASE WHEN NOT told THEN hash END AS hash, CASE WHEN NOT told THEN sealed END AS sealed
          FROM (SELECT *, action = 'opened-again' OR offline_at IS NOT NULL AS told FROM access_line
                WHERE action IN ('break-glass', 'find', 'opened-again') AND (epoch, position) > ($1, $2)
                ORDER BY epoch, position LIMIT $3) l
          ORDER BY epoch, position`,
        values: [epoch, position, linesAtOnce],
      });
      for (const line of rows.map((row) => glassLine(keyRing, row))) {
        queue.add(line);
        ({ epoch, position } = line);
      }
      if (rows.length < linesAtOnce) return queue.rows();
    }
  };
  return () => {
    const next = reading.catch(() => {}).then(catchUp);
    reading = next;
    return next;
  };
};

const glassLine = (keyRing: KeyRing, row: GlassRow): GlassLine => {
  const { reason = "", notedAt } = row.hash && row.sealed ? openAccess(keyRing, row.hash, row.sealed) : {};
  return {
    action: row.action,
    epoch: row.epoch,
    position: Number(row.position),
    at: notedAt ?? row.received.toISOString(),
    userId: row.user_id ?? undefined,
    deviceId: row.device_id ?? undefined,
    recordIds: row.record_ids,
    reason,
  };
};
