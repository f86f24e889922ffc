import type pg from "pg";
import { type AccessLine, type AccessRow, accessColumns, accessLine } from "../../logs/access-line.ts";
import type { KeyRing } from "../../sealing/key-ring.ts";

interface Opening {
  /** Of its first access line. */
  reviewId: string;
  openedAt: string;
  userId: string | undefined;
  deviceId: string | undefined;
  reason: string;
}
/**
 * What somebody did past the usual rules. `record`: opened it, once for each shift, however often the tablet asked for it then.
 * `search`: looked a patient up and opened nothing of what was found, which is `found` records.
 */
export type BrokenGlass =
  | (Opening & { of: "record"; recordId: string })
  | (Opening & { of: "search"; recordIds: readonly string[]; found: number });

const shiftMs = 12 * 3_600_000;
/** Newest lines that are read; a trust that breaks the glass more often has another problem. */
const linesMax = 50_000;

/** What was read last, by whose rights, as far as its newest line: the desk's page asks every few seconds. */
const read = new WeakMap<pg.Pool, { newest: string; opened: readonly BrokenGlass[] }>();

/**
 * Read from the access log itself, whose line commits before anything is shown: so nothing that was opened can fail to be
 * here. `pool`: of the control zone's role.
 */
export const readBrokenGlass = async (pool: pg.Pool, keyRing: KeyRing): Promise<readonly BrokenGlass[]> => {
  const text = `SELECT ${accessColumns} FROM access_line WHERE action IN ('break-glass', 'find')
    ORDER BY received DESC, epoch DESC, position DESC LIMIT $1`;
  const [last] = (await pool.query<AccessRow>({ name: "broken-glass", text, values: [1] })).rows;
  const newest = last === undefined ? "" : `${last.epoch} ${last.position}`;
  const before = read.get(pool);
  if (before?.newest === newest) return before.opened;
  const { rows } = await pool.query<AccessRow>({ name: "broken-glass", text, values: [linesMax] });
  const opened = brokenGlassOf(rows.reverse().map((row) => accessLine(keyRing, row)));
  // A line that came between the two is read now, and once more the next time.
  read.set(pool, { newest, opened });
  return opened;
};

/** `lines`: oldest first. */
export const brokenGlassOf = (lines: readonly AccessLine[]): BrokenGlass[] => {
  const opened: BrokenGlass[] = [];
  const newest = new Map<string, Opening>();
  /** When a person opened a record, whatever they said. */
  const openings = new Map<string, number[]>();
  for (const line of lines) {
    if (line.action === "find") {
      const { recordIds } = line;
      opened.push({ of: "search", ...openingOf(line, "s"), recordIds, found: recordIds.length });
      continue;
    }
    for (const [i, recordId] of line.recordIds.entries()) {
      const opening = openingOf(line, i);
      const who = `${opening.userId} ${recordId}`;
      openings.set(who, [...(openings.get(who) ?? []), Date.parse(line.received)]);
      const key = `${who} ${opening.deviceId} ${opening.reason}`;
      const before = newest.get(key);
      if (before && Date.parse(opening.openedAt) - Date.parse(before.openedAt) < shiftMs) continue;
      newest.set(key, opening);
      opened.push({ of: "record", ...opening, recordId });
    }
  }
  /** What was found and then opened is reviewed as that. */
  const ledToOpening = ({ userId, openedAt, recordIds }: BrokenGlass & { of: "search" }): boolean => {
    const foundMs = Date.parse(openedAt);
    const isNext = (atMs: number) => atMs >= foundMs && atMs < foundMs + shiftMs;
    return recordIds.some((recordId) => openings.get(`${userId} ${recordId}`)?.some(isNext) === true);
  };
  return opened.filter((each) => each.of === "record" || !ledToOpening(each));
};

const openingOf = (
  { epoch, position, received: openedAt, person, deviceId, reason = "" }: AccessLine,
  part: number | "s",
): Opening => ({
  reviewId: `access-${epoch}-${position}-${part}`,
  openedAt,
  userId: person?.userId,
  deviceId,
  reason,
});
