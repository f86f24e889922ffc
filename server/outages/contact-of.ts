import type { Entry } from "#domain/entry/entry.ts";
import { journeyOf } from "#domain/handover/journey.ts";
import { seenBy } from "#domain/handover/seen.ts";
import { type CareRecord, fold, type LineOf } from "#domain/record.ts";
import type { Missing, MissingKind } from "#protocol/control/outages.ts";
import type { OutageContact } from "./subjects.ts";

/** The outage, ms since 1970: from, included, until before. */
export interface OutageWindow {
  fromMs: number;
  toMs: number;
  /** What took longer was late. */
  lateMs: number;
}

/** A line of a record, as far as it opens. */
export interface ContactLine {
  /** NaN for a time that is none. */
  receivedMs: number;
  deviceId: string;
  /** Null for what is kept aside and what does not open. */
  entry: Entry | null;
  isAside: boolean;
}

/**
 * What one contact went without in an outage, from all its record's lines; undefined for a record that nothing happened to in that time.
 * `isWhole`: whether the base has the whole of a recording, by its SHA-256.
 */
export const contactOf = (
  lines: readonly ContactLine[],
  window: OutageWindow,
  isWhole: (sha256: string) => boolean,
): OutageContact | undefined => {
  const { fromMs, toMs, lateMs } = window;
  const isIn = (ms: number): boolean => fromMs <= ms && ms < toMs;
  const isOf = ({ receivedMs, entry }: ContactLine): boolean =>
    entry === null ? isIn(receivedMs) : isIn(Date.parse(entry.occurredAt)) || isIn(Date.parse(entry.recorded.clock));
  const own = lines.filter(isOf);
  if (own.length === 0) return undefined;
  const counts = new Map<MissingKind, Missing>();
  const add = (what: MissingKind, ms?: number): void => {
    const { count, minutes = 0 } = counts.get(what) ?? { count: 0 };
    const longest = ms === undefined ? {} : { minutes: Math.max(minutes, Math.floor(ms / 60_000)) };
    counts.set(what, { what, count: count + 1, ...longest });
  };
  for (const { entry, receivedMs, isAside } of own) {
    if (entry === null) add(isAside ? "kept-aside" : "unreadable");
    else if (receivedMs - Date.parse(entry.occurredAt) > lateMs)
      add("late-entries", receivedMs - Date.parse(entry.occurredAt));
    if (entry?.author.transcribedBy !== undefined && !counts.has("paper")) add("paper");
  }
  const record = fold(lines.flatMap(({ entry }) => entry ?? []));
  const site = standingSite(record);
  const happened = new Set(own.map(({ entry }) => entry?.id));
  const ecgs = record.ecgs.filter(({ entry }) => happened.has(entry.id));
  const found = [
    site === undefined ? undefined : handoverOf(record, site, lateMs),
    ...ecgs.map((ecg) => ecgOf(record, ecg, site, lateMs, isWhole)),
  ];
  for (const each of found) if (each !== undefined) add(each.what, each.ms);
  const times = own.flatMap(({ entry }) => (entry === null ? [] : [Date.parse(entry.occurredAt)])).filter(isIn);
  return {
    forms: [],
    devices: [...new Set(own.map(({ deviceId }) => deviceId))],
    ...(times.length > 0 && {
      firstAt: new Date(times.reduce((a, b) => Math.min(a, b))).toISOString(),
      lastAt: new Date(times.reduce((a, b) => Math.max(a, b))).toISOString(),
    }),
    missing: [...counts.values()],
  };
};

interface Found {
  what: MissingKind;
  ms?: number;
}

/** Where the patient went; undefined for one who stayed. */
const standingSite = (record: CareRecord): string | undefined => {
  const journey = journeyOf(record);
  return journey === null || journey.state === "stood-down" ? undefined : journey.siteId;
};

/** From the site being named until a screen there drew anything of it, or somebody accepted. */
const handoverOf = (record: CareRecord, siteId: string, lateMs: number): Found | undefined => {
  const named = [...record.destinations, ...record.prealerts].filter(({ known }) => known.body.site?.siteId === siteId);
  const drawn = [
    ...record.receipts.filter(({ body }) => body.site.siteId === siteId),
    ...record.acceptances.filter(({ known }) => known.body.site.siteId === siteId).map(({ entry }) => entry),
  ];
  if (drawn.length === 0) return { what: "handover-undelivered" };
  const took = earliest(drawn) - earliest(named.map(({ entry }) => entry));
  return took > lateMs ? { what: "handover-late", ms: took } : undefined;
};

const earliest = (entries: readonly { occurredAt: string }[]): number =>
  entries.reduce((ms, { occurredAt }) => Math.min(ms, Date.parse(occurredAt)), Number.POSITIVE_INFINITY);

const ecgOf = (
  record: CareRecord,
  { entry }: LineOf<"ecg">,
  siteId: string | undefined,
  lateMs: number,
  isWhole: (sha256: string) => boolean,
): Found | undefined => {
  if (!(entry.blobs ?? []).every(({ sha256 }) => isWhole(sha256))) return { what: "ecg-undelivered" };
  if (siteId === undefined) return undefined;
  const { atHospital } = seenBy(record, entry, siteId);
  if (atHospital === undefined) return { what: "ecg-undelivered" };
  const took = Date.parse(atHospital.at) - Date.parse(entry.occurredAt);
  return took > lateMs ? { what: "ecg-late", ms: took } : undefined;
};
