import type { Entry } from "../entry/entry.ts";
import { timelineLines } from "../entry/struck.ts";
import type { EntryOf } from "../kinds.ts";
import type { CareRecord, RecordLine } from "../record.ts";

/** Device id → n of the newest entry that was on the screen. */
export type SeenHeads = Readonly<Record<string, number>>;

const covers = (seen: SeenHeads, entry: Entry): boolean =>
  Object.hasOwn(seen, entry.deviceId) && seen[entry.deviceId]! >= entry.n;

export interface Change {
  line: RecordLine;
  /** `restored`: its strike was struck. */
  change: "added" | "amended" | "struck" | "restored";
}

/**
 * What became different after these heads were seen: lines added, amended, struck or restored, in display order. What
 * came and was struck again without anybody seeing it is left out. The hospital's own entries (acceptance, place) are no
 * change of what the crew says.
 */
export const changedSince = (record: CareRecord, seen: SeenHeads): Change[] => {
  const restored = restoredSince(record, seen);
  const changes: Change[] = [];
  for (const line of timelineLines(record)) {
    if (hospitalKinds.has(line.entry.kind)) continue;
    const wasSeen = covers(seen, line.entry);
    if (line.state === "struck") {
      const versionSeen = wasSeen || line.history.some((version) => covers(seen, version));
      if (versionSeen && !covers(seen, line.struckBy!)) changes.push({ line, change: "struck" });
    } else {
      if (!wasSeen) changes.push({ line, change: line.history.length > 0 ? "amended" : "added" });
      else if (restored.has(line.entry.id)) changes.push({ line, change: "restored" });
    }
  }
  return changes;
};

const hospitalKinds: ReadonlySet<string> = new Set(["acceptance", "place"]);

/** Targets of strikes that were themselves struck after the heads. */
const restoredSince = (record: CareRecord, seen: SeenHeads): Set<string> => {
  const strikes = new Map(record.strikes.map((strike) => [strike.id, strike]));
  const targets = record.strikes
    .filter((strike) => !covers(seen, strike))
    .map((strike) => strikes.get(strike.ref?.id ?? ""))
    .filter((struck) => struck !== undefined && covers(seen, struck));
  return new Set(targets.map((struck) => struck?.ref?.id ?? ""));
};

export interface SeenBy {
  /** Earliest screen that drew the entry. */
  atHospital?: { siteName: string; at: string };
  /** Each person who opened the patient after the entry was there, at the first time. */
  seenBy: { name: string; role: string; at: string }[];
  acceptedBy?: { name: string; role?: string; at: string };
}

/** Where an entry has been seen, as the receipts and acceptances say it: of one site, or of all where none is named. */
export const seenBy = (record: CareRecord, entry: Entry, siteId?: string): SeenBy => {
  const there = (site: { siteId: string }) => siteId === undefined || site.siteId === siteId;
  const receipts = record.receipts.filter(({ body }) => there(body.site) && covers(body.seen, entry));
  // Who opened the patient had the entry on the screen as well.
  const first = receipts[0];
  const people = new Map<string, EntryOf<"receipt">>();
  for (const receipt of receipts)
    if (receipt.body.what === "seen" && !people.has(receipt.author.userId)) people.set(receipt.author.userId, receipt);
  const accepted = record.acceptances.find(({ known: { body } }) => there(body.site) && covers(body.seen, entry));
  const { acceptedBy: name, role } = accepted?.known.body ?? {};
  return {
    ...(first && { atHospital: { siteName: first.body.site.name, at: first.occurredAt } }),
    seenBy: [...people.values()].map(({ author, occurredAt }) => ({
      name: author.name,
      role: author.role,
      at: occurredAt,
    })),
    ...(accepted &&
      name !== undefined && {
        acceptedBy: { name, ...(role !== undefined && { role }), at: accepted.entry.occurredAt },
      }),
  };
};

/**
 * Changes that whoever accepted at this site has not seen: after the heads of the acceptance, raised by the `seen`
 * receipts of the site. The crew's milestones and an empty handover card end the job and change nothing for the patient.
 */
export const changedSinceAcceptance = (record: CareRecord, siteId: string): Change[] => {
  const acceptance = record.acceptances.findLast((line) => line.known.body.site.siteId === siteId);
  if (!acceptance) return [];
  const seen = new Map(Object.entries(acceptance.known.body.seen));
  for (const { body } of record.receipts) {
    if (body.what !== "seen" || body.site.siteId !== siteId) continue;
    for (const [device, n] of Object.entries(body.seen)) if (n > (seen.get(device) ?? 0)) seen.set(device, n);
  }
  return changedSince(record, Object.fromEntries(seen)).filter(({ line, change }) => {
    if (change !== "added" || !line.known) return true;
    if (line.known.kind === "handover") return Boolean(line.known.body.comment);
    return line.known.kind !== "milestone";
  });
};
