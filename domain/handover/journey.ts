import type { CareRecord, LineOf, RecordLine } from "../record.ts";
import type { arrivalStates } from "./arrival.ts";

type State = (typeof arrivalStates)[number];
type SiteLine = LineOf<"destination"> | LineOf<"prealert">;

/** Where a record is going and how far it has come. */
export interface Journey {
  siteId: string;
  state: State;
  eta: string | null;
  arrivedAt: string | null;
  handedOverAt: string | null;
}

const isSiteLine = (line: RecordLine): line is SiteLine =>
  line.known?.kind === "destination" || line.known?.kind === "prealert";

/**
 * Sites that were named for this patient and are no longer where the patient goes, each once, in the order they were named. What
 * an amended or struck entry named counts too: that site had been told, and must learn that the patient is gone.
 */
export const formerSites = (record: CareRecord): string[] => {
  const now = siteLines(record).at(-1)?.known.body.site?.siteId;
  const named = record.lines.filter(isSiteLine).map((line) => line.known.body.site?.siteId);
  return [...new Set(named)].filter((site) => site !== undefined && site !== now) as string[];
};

/** Standing destinations and pre-alerts that name a site, in display order. */
const siteLines = (record: CareRecord): SiteLine[] =>
  record.lines.filter(isSiteLine).filter((line) => line.state === "current" && line.known.body.site !== undefined);

/**
 * The journey to the site named last; null when no site stands. At the hospital and handed over count only after the
 * patient was sent to this site, where another one was named before: a patient may be moved on from a first hospital.
 */
export const journeyOf = (record: CareRecord): Journey | null => {
  const named = siteLines(record);
  const last = named.at(-1);
  const site = last?.known.body.site;
  if (!last || !site) return null;
  const elsewhere = named.findLastIndex((line) => line.known.body.site?.siteId !== site.siteId);
  const run = named.slice(elsewhere + 1);
  const since = elsewhere < 0 ? "" : run[0]!.entry.occurredAt;

  const reached = (milestone: string): string | null => {
    const line = record.milestones.findLast((line) => line.known.body.milestone === milestone);
    const at = line && (line.known.body.at ?? line.entry.occurredAt);
    return at !== undefined && at >= since ? at : null;
  };
  const acceptance = record.acceptances.findLast((line) => line.known.body.site.siteId === site.siteId);
  const handover = record.handover?.body.receiverName !== undefined ? record.handover.entry.occurredAt : null;
  const crewHandedOver = reached("handed-over") ?? (handover !== null && handover >= since ? handover : null);
  // A hospital may accept a patient who is still on the way; a crew hands over where it has arrived.
  const arrivedAt = reached("at-hospital") ?? crewHandedOver;
  const handedOverAt = reached("handed-over") ?? acceptance?.entry.occurredAt ?? crewHandedOver;
  const state = ((): State => {
    if (handedOverAt) return "handed-over";
    if (isOver(record, last)) return "stood-down";
    if (arrivedAt) return "arrived";
    const setOff = reached("left-scene") !== null || run.some((line) => line.known.kind === "destination");
    return setOff ? "coming" : "pre-alerted";
  })();
  return { siteId: site.siteId, state, eta: etaOf(record, run), arrivedAt, handedOverAt };
};

/** The newest estimate for this site; a destination without a site may carry only a new time. */
const etaOf = (record: CareRecord, run: readonly SiteLine[]): string | null => {
  const first = run[0];
  const from = first ? record.lines.indexOf(first) : 0;
  const lines = record.lines.slice(from).filter((line) => line.state === "current" && isSiteLine(line));
  const told = lines.findLast((line) => isSiteLine(line) && line.known.body.eta !== undefined);
  return (told && isSiteLine(told) && told.known.body.eta) || null;
};

/**
 * The response was stood down, or the patient stays: treated at the scene, referred, refused to come. A site named after
 * the stand-down takes it back: the crew goes there after all.
 */
const isOver = (record: CareRecord, last: SiteLine): boolean => {
  const namedAt = record.lines.indexOf(last);
  const stoodDown = record.milestones.filter((line) => line.known.body.milestone === "stood-down");
  if (stoodDown.some((line) => record.lines.indexOf(line) > namedAt)) return true;
  const outcome = record.destination?.body.outcome;
  return outcome !== undefined && outcome !== "see-and-convey";
};
