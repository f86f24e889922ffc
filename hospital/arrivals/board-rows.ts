import type { Arrival } from "#domain/handover/arrival.ts";

/** What one trust says is on its way to this site. */
export interface TrustArrivals {
  trust: string;
  arrivals: readonly Arrival[];
}

/** `handed-over` is folded away; `gone` (diverted, stood down) is shown for a few minutes so that nobody waits in vain. */
export type Section = "coming" | "here" | "handed-over" | "gone";
export interface BoardRow {
  /** Unique over trusts. */
  key: string;
  trust: string;
  section: Section;
  arrival: Arrival;
}

export const handedOverShownMs = 4 * 3_600_000;
export const goneShownMs = 5 * 60_000;
/** A reading older than this is called stale, minutes. */
export const staleMinutes = 15;
/** Waits that the board marks, minutes since arrival. */
export const waitMarks = [15, 30, 45] as const;

export const rowKey = (trust: string, recordId: string): string => `${trust}/${recordId}`;

const sections: Record<Arrival["state"], Section> = {
  "pre-alerted": "coming",
  coming: "coming",
  arrived: "here",
  "handed-over": "handed-over",
  diverted: "gone",
  "stood-down": "gone",
};

/**
 * All trusts' arrivals as one board: coming by ETA (none given: last), here by who has waited longest, handed over newest
 * first.
 *
 * @param goneSeenAt when this screen first saw a row as gone, ms by row key; a row it has not noted is shown
 */
export const boardRows = (
  boards: readonly TrustArrivals[],
  goneSeenAt: ReadonlyMap<string, number>,
  nowMs: number,
): Record<Section, BoardRow[]> => {
  const rows: Record<Section, BoardRow[]> = { coming: [], here: [], "handed-over": [], gone: [] };
  for (const { trust, arrivals } of boards) {
    for (const arrival of arrivals) {
      const key = rowKey(trust, arrival.recordId);
      const section = sectionOf(arrival, nowMs);
      if (section === "gone" && nowMs - (goneSeenAt.get(key) ?? nowMs) > goneShownMs) continue;
      if (section === "handed-over" && isOld(arrival, nowMs)) continue;
      rows[section].push({ key, trust, section, arrival });
    }
  }
  rows.coming.sort((a, b) => byTime(a.arrival.eta, b.arrival.eta) || byCallSign(a, b));
  rows.here.sort((a, b) => byTime(a.arrival.arrivedAt, b.arrival.arrivedAt) || byCallSign(a, b));
  rows["handed-over"].sort((a, b) => byTime(b.arrival.handedOverAt, a.arrival.handedOverAt) || byCallSign(a, b));
  rows.gone.sort(byCallSign);
  return rows;
};

/** A patient who was accepted on the way is still on the way: the row stays with those coming until its ETA has passed. */
const sectionOf = (arrival: Arrival, nowMs: number): Section => {
  const onTheWay = arrival.arrivedAt === null && arrival.eta !== null && Date.parse(arrival.eta) > nowMs;
  return arrival.state === "handed-over" && onTheWay ? "coming" : sections[arrival.state];
};

/** A row that changed after its acceptance stays until someone has seen the change, however old it is. */
const isOld = (arrival: Arrival, nowMs: number): boolean =>
  arrival.changedSinceAcceptance === 0 &&
  arrival.handedOverAt !== null &&
  nowMs - Date.parse(arrival.handedOverAt) > handedOverShownMs;

const byTime = (a: string | null, b: string | null): number => {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  return Date.parse(a) - Date.parse(b);
};
const byCallSign = (a: BoardRow, b: BoardRow): number =>
  a.arrival.callSign.localeCompare(b.arrival.callSign) || a.key.localeCompare(b.key);

/** Notes rows that are gone for the first time, and forgets those that no longer are. */
export const noteGone = (
  boards: readonly TrustArrivals[],
  before: ReadonlyMap<string, number>,
  nowMs: number,
): Map<string, number> => {
  const after = new Map<string, number>();
  for (const { trust, arrivals } of boards) {
    for (const arrival of arrivals) {
      if (sections[arrival.state] !== "gone") continue;
      const key = rowKey(trust, arrival.recordId);
      after.set(key, before.get(key) ?? nowMs);
    }
  }
  return after;
};

/** How many of the marks at 15, 30 and 45 minutes a wait has passed. */
export const marksPassed = (minutes: number): number => waitMarks.filter((mark) => minutes >= mark).length;

/** `6 min`, `due now`, or how long overdue. Minutes are rounded up: a crew 20 seconds away is 1 minute away. */
export const etaWords = (eta: string | null, nowMs: number): { words: string; overdue: boolean } => {
  if (eta === null) return { words: "no ETA", overdue: false };
  const minutes = Math.ceil((Date.parse(eta) - nowMs) / 60_000);
  if (minutes > 0) return { words: minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h`, overdue: false };
  return minutes > -3 ? { words: "due now", overdue: false } : { words: `${-minutes} min late`, overdue: true };
};

export const isStale = (at: string, nowMs: number): boolean => nowMs - Date.parse(at) > staleMinutes * 60_000;

type Reading = Arrival["readings"][number];
/**
 * Readings in groups that were taken in the same minute, newest group first: one age then speaks for all of a group, and
 * none speaks for a reading it does not belong to.
 */
export const readingGroups = (readings: readonly Reading[]): { at: string; readings: Reading[] }[] => {
  const groups = new Map<number, { at: string; readings: Reading[] }>();
  for (const reading of readings) {
    const minute = Math.floor(Date.parse(reading.at) / 60_000);
    const group = groups.get(minute);
    if (group) group.readings.push(reading);
    else groups.set(minute, { at: reading.at, readings: [reading] });
  }
  return [...groups.entries()].sort(([a], [b]) => b - a).map(([, group]) => group);
};

/** Places in use, as `Resus 1` → call signs: nobody should be sent to a bay where another crew is expected. */
export const placesTaken = (rows: Record<Section, BoardRow[]>): Map<string, string[]> => {
  const taken = new Map<string, string[]>();
  for (const { arrival } of [...rows.coming, ...rows.here]) {
    if (!arrival.place) continue;
    const name = arrival.place.place;
    taken.set(name, [...(taken.get(name) ?? []), arrival.callSign]);
  }
  return taken;
};
