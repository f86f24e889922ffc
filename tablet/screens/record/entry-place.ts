import type { Entry } from "#domain/entry/entry.ts";
import { journeyOf } from "#domain/handover/journey.ts";
import { seenBy } from "#domain/handover/seen.ts";
import { readBody } from "#domain/kinds.ts";
import type { CareRecord } from "#domain/record.ts";
import { isOnlyHeld } from "#sync/archived.ts";
import type { HeldState } from "#sync/store.ts";
import type { EntryPlace } from "#ui/state-mark.tsx";
import { clockTime } from "#ui/times.ts";

export interface WhereItIs {
  place: EntryPlace;
  /** `Waits at the trust's desk`, `Accepted by Dr Patel 14:30`, `Seen by …`, `At Southgate 14:29`; where another site had it before a diversion, that; else empty. */
  words: string;
  /** The base keeps it aside because it could not be read, or waits for the desk: it is durable, and somebody must look. */
  keptAside: boolean;
  /** A hospital has it, by the standby or from a film, and the base does not. */
  lacksBase: boolean;
  /** A copy that nobody at the base can change or remove holds it, wherever else it has come. */
  inArchive: boolean;
}

/** How far an entry has come: what the base answered, and what the hospital's screens and people have written. */
export const whereItIs = (
  record: CareRecord,
  entry: Entry,
  state: HeldState | undefined,
  inArchive: boolean,
): WhereItIs => {
  const known = { keptAside: state?.at === "quarantined", lacksBase: false, inArchive };
  // No hospital is shown what the base could not read, whatever a receipt says of the entries around it.
  if (state?.at === "quarantined")
    return { ...known, place: "base", words: state.code === "revoked-device" ? "Waits at the trust's desk" : "" };
  const atHospital = hospitalsWords(record, entry);
  const lacksBase = state !== undefined && (state.at === "waiting" || isOnlyHeld(state));
  if (atHospital !== undefined) return { ...known, ...atHospital, lacksBase };
  // What another site saw before a diversion helps nobody at the one where the patient goes.
  const before = journeyOf(record)?.siteId === undefined ? undefined : seenBy(record, entry).atHospital;
  return {
    ...known,
    place: placeOf(state, inArchive),
    words: before === undefined ? "" : `At ${before.siteName} ${clockTime(before.at)}, before the diversion`,
  };
};

/** What the site where the patient goes has written of an entry; undefined where it has not had it. */
const hospitalsWords = (record: CareRecord, entry: Entry): Pick<WhereItIs, "place" | "words"> | undefined => {
  const written = hospitalEntry(entry);
  if (written !== undefined) return { place: "hospital", words: `Written at ${written}` };
  const { atHospital, seenBy: people, acceptedBy } = seenBy(record, entry, journeyOf(record)?.siteId);
  if (acceptedBy !== undefined)
    return { place: "seen", words: `Accepted by ${acceptedBy.name} ${clockTime(acceptedBy.at)}` };
  const last = people.at(-1);
  if (last !== undefined)
    return { place: "seen", words: `Seen by ${people.map((one) => one.name).join(", ")} ${clockTime(last.at)}` };
  return atHospital && { place: "hospital", words: `At ${atHospital.siteName} ${clockTime(atHospital.at)}` };
};

const placeOf = (state: HeldState | undefined, inArchive: boolean): EntryPlace => {
  if (state === undefined || state.at === "waiting") return "tablet";
  if (isOnlyHeld(state)) return "standby";
  return inArchive ? "archive" : "base";
};

/** The site that wrote this entry itself; undefined for what a crew wrote. */
const hospitalEntry = (entry: Entry): string | undefined => {
  const known = readBody(entry);
  return known?.kind === "acceptance" || known?.kind === "place" ? known.body.site.name : undefined;
};
