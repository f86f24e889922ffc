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

/** An access line as far as the queue reads it. */
export interface GlassLine {
  /** `opened-again`: a device told it of itself, later. */
  action: "break-glass" | "find" | "opened-again";
  epoch: number;
  position: number;
  /** When a server noted it, ISO 8601: what a standby noted is older than the lines before it. */
  at: string;
  userId: string | undefined;
  deviceId: string | undefined;
  recordIds: readonly string[];
  /** The person's words. What a device tells of itself has none here: the opening that it goes back to has said why. */
  reason: string;
}

const shiftMs = 12 * 3_600_000;
const isSameShift = (atMs: number, otherMs: number | undefined): boolean =>
  otherMs !== undefined && Math.abs(atMs - otherMs) < shiftMs;

/** The desk's queue as a fold of the access log. It keeps what is to be reviewed, and of the rest only what the next lines need. */
export interface GlassQueue {
  /** Lines come in their log's order, each once. */
  add(line: GlassLine): void;
  /** In the order of the log. */
  rows(): readonly BrokenGlass[];
}

export const createGlassQueue = (): GlassQueue => {
  const rows = new Map<string, BrokenGlass>();
  /** By person, device and record: when it last made a row, and the reason that was said then. */
  const opened = new Map<string, { atMs: number; reason: string }>();
  /** The same, by reason too, the oldest first, and of this shift alone. */
  const said = new Map<string, number>();
  /** By person, this shift's look-ups that no opening stands for yet. */
  const searches = new Map<string | undefined, (BrokenGlass & { of: "search" })[]>();

  const forgetSaid = (atMs: number): void => {
    for (const [key, saidMs] of said) {
      if (atMs - saidMs < shiftMs) return;
      said.delete(key);
    }
  };

  const openRecord = (line: GlassLine, recordId: string, part: number): void => {
    const atMs = Date.parse(line.at);
    const who = `${line.userId} ${line.deviceId} ${recordId}`;
    const key = `${who} ${line.reason}`;
    if (isSameShift(atMs, said.get(key))) return;
    forgetSaid(atMs);
    said.delete(key);
    said.set(key, atMs);
    if (atMs >= (opened.get(who)?.atMs ?? atMs)) opened.set(who, { atMs, reason: line.reason });
    const led = searchesOf(line.userId, atMs).filter(
      ({ recordIds, openedAt }) => recordIds.includes(recordId) && Date.parse(openedAt) <= atMs,
    );
    for (const { reviewId } of led) rows.delete(reviewId);
    const opening = openingOf(line, part);
    const others = [...new Set(led.map(({ reason }) => reason))].filter((each) => each !== line.reason);
    const reason = [line.reason, ...others.map((each) => `looked up as “${each}”`)].join(" · ");
    rows.set(opening.reviewId, { of: "record", ...opening, recordId, reason });
  };

  /** A device's own word makes no row that the server's lines do not bear out, and hides none. */
  const openAgain = (line: GlassLine, recordId: string, part: number): void => {
    const before = opened.get(`${line.userId} ${line.deviceId} ${recordId}`);
    const atMs = Date.parse(line.at);
    if (before === undefined || isSameShift(atMs, before.atMs)) return;
    before.atMs = atMs;
    const opening = openingOf(line, part);
    rows.set(opening.reviewId, { of: "record", ...opening, recordId, reason: before.reason });
  };

  const searchesOf = (userId: string | undefined, atMs: number) => {
    const recent = (searches.get(userId) ?? []).filter(
      ({ reviewId, openedAt }) => rows.has(reviewId) && atMs - Date.parse(openedAt) < shiftMs,
    );
    searches.set(userId, recent);
    return recent;
  };

  return {
    add: (line) => {
      const { recordIds } = line;
      if (line.action === "find") {
        const search = { of: "search", ...openingOf(line, "s"), recordIds, found: recordIds.length } as const;
        rows.set(search.reviewId, search);
        searchesOf(line.userId, Date.parse(line.at)).push(search);
        return;
      }
      const open = line.action === "break-glass" ? openRecord : openAgain;
      for (const [i, recordId] of recordIds.entries()) open(line, recordId, i);
    },
    rows: () => [...rows.values()],
  };
};

const openingOf = (
  { epoch, position, at: openedAt, userId, deviceId, reason }: GlassLine,
  part: number | "s",
): Opening => ({ reviewId: `access-${epoch}-${position}-${part}`, openedAt, userId, deviceId, reason });
