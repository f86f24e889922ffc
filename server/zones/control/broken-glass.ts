import type pg from "pg";
import { type AccessRow, accessColumns, accessLine } from "../../logs/access-line.ts";
import type { KeyRing } from "../../sealing/key-ring.ts";

/** A record that somebody opened past the usual rules, once for each shift, however often the tablet asked for it then. */
export interface BrokenGlass {
  /** Of its first access line. */
  reviewId: string;
  openedAt: string;
  userId: string | undefined;
  deviceId: string | undefined;
  recordId: string;
  reason: string;
}

const shiftMs = 12 * 3_600_000;
/** Newest lines that are read; a trust that breaks the glass more often has another problem. */
const linesMax = 50_000;

/**
 * Read from the access log itself, whose line commits before anything is shown: so nothing that was opened can fail to be
 * here. `pool`: of the control zone's role.
 */
export const readBrokenGlass = async (pool: pg.Pool, keyRing: KeyRing): Promise<BrokenGlass[]> => {
  const text = `SELECT ${accessColumns} FROM access_line WHERE action = 'break-glass'
    ORDER BY received DESC LIMIT $1`;
  const { rows } = await pool.query<AccessRow>({ name: "broken-glass", text, values: [linesMax] });
  const found: BrokenGlass[] = [];
  const newest = new Map<string, BrokenGlass>();
  for (const row of rows.reverse()) {
    const { epoch, position, received: openedAt, person, deviceId, recordIds, reason = "" } = accessLine(keyRing, row);
    for (const [i, recordId] of recordIds.entries()) {
      const key = `${person?.userId} ${deviceId} ${recordId} ${reason}`;
      const before = newest.get(key);
      if (before && Date.parse(openedAt) - Date.parse(before.openedAt) < shiftMs) continue;
      const reviewId = `access-${epoch}-${position}-${i}`;
      const opened = { reviewId, openedAt, userId: person?.userId, deviceId, recordId, reason };
      newest.set(key, opened);
      found.push(opened);
    }
  }
  return found;
};
