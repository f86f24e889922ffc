import { createHash } from "node:crypto";
import type pg from "pg";

/** As many wrong proofs of one person's PIN from one tablet, and none is judged any more. */
const personTriesMax = 10;
/** From the fifth on there is a wait, as on the tablet itself (client/pin-attempts.ts). */
const freeTries = 5;
const delaySeconds = { first: 30, max: 900 };
/** Wrong proofs of anybody from one tablet: whoever holds one could else try each of the crew a few times. */
const deviceTriesMax = 30;

/** Whether a proof is to be judged. */
export type PinTry = { judge: true } | { judge: false; why: "wait" | "locked"; retryAfterMs: number };

/** Proofs of PINs that were not right, per person and tablet, for all processes of a cell. */
export interface PinTries {
  /** Counts a proof, before it is judged: many at once are as many guesses. The same one again is none. */
  begin(userId: string, deviceId: string, proof: string): Promise<PinTry>;
  right(userId: string, deviceId: string): Promise<void>;
  /** The person has shown by something stronger who they are, or has another PIN. */
  forgive(userId: string): Promise<void>;
}

interface Held {
  user_id: string;
  tries: number;
  same: boolean;
  /** ms */
  wait: number;
}

export const createPinTries = (pool: pg.Pool): PinTries => ({
  begin: async (userId, deviceId, proof) => {
    const hash = createHash("sha256").update(proof).digest();
    const { rowCount } = await pool.query({
      name: "pin-try",
      text: `INSERT INTO pin_try AS held (user_id, device_id, tries, last_proof, not_before)
        SELECT $1, $2, 1, $3, now()
        WHERE (SELECT coalesce(sum(tries), 0) FROM pin_try WHERE device_id = $2) < $4
        ON CONFLICT (user_id, device_id) DO UPDATE SET
          tries = held.tries + 1,
          last_proof = excluded.last_proof,
          not_before = CASE WHEN held.tries + 1 < $6 THEN now()
            ELSE now() + least($8, $7 * power(2, held.tries + 1 - $6)) * interval '1 second' END
        WHERE held.tries < $5 AND held.not_before <= now() AND held.last_proof <> excluded.last_proof`,
      values: [userId, deviceId, hash, deviceTriesMax, personTriesMax, freeTries, delaySeconds.first, delaySeconds.max],
    });
    if (rowCount === 1) return { judge: true };
    const held = await pool.query<Held>({
      name: "pin-tries-held",
      text: `SELECT user_id, tries, last_proof = $2 AS same,
          greatest(0, extract(epoch FROM not_before - now()) * 1000)::int AS wait
        FROM pin_try WHERE device_id = $1`,
      values: [deviceId, hash],
    });
    const own = held.rows.find((row) => row.user_id === userId);
    if (own?.same) return { judge: true };
    const ofDevice = held.rows.reduce((sum, row) => sum + row.tries, 0);
    const isLocked = ofDevice >= deviceTriesMax || (own?.tries ?? 0) >= personTriesMax;
    return { judge: false, why: isLocked ? "locked" : "wait", retryAfterMs: own?.wait ?? 0 };
  },
  right: async (userId, deviceId) => {
    await pool.query("DELETE FROM pin_try WHERE user_id = $1 AND device_id = $2", [userId, deviceId]);
  },
  forgive: async (userId) => {
    await pool.query("DELETE FROM pin_try WHERE user_id = $1", [userId]);
  },
});
