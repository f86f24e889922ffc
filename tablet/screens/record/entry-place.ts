import type { Entry } from "#domain/entry/entry.ts";
import { journeyOf } from "#domain/handover/journey.ts";
import { seenBy } from "#domain/handover/seen.ts";
import { readBody } from "#domain/kinds.ts";
import type { CareRecord } from "#domain/record.ts";
import type { HeldState } from "#sync/store.ts";
import type { EntryPlace } from "#ui/state-mark.tsx";
import { clockTime } from "#ui/times.ts";

export interface WhereItIs {
  place: EntryPlace;
  /** `Waits at the trust's desk`, `Accepted by Dr Patel 14:30`, `Seen by …`, `At Southgate 14:29`; where another site had it before a diversion, that; else empty. */
  words: string;
  /** The base keeps it aside because it could not be read, or waits for the desk: it is durable, and somebody must look. */
  keptAside: boolean;
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
  const keptAside = state?.at === "quarantined";
  // No hospital is shown what the base could not read, whatever a receipt says of the entries around it.
  if (keptAside)
    return {
      place: "base",
      words: state.code === "revoked-device" ? "Waits at the trust's desk" : "",
      keptAside,
      inArchive,
    };
  const written = hospitalEntry(entry);
  if (written !== undefined) return { place: "hospital", words: `Written at ${written}`, keptAside, inArchive };
  // What another site saw before a diversion helps nobody at the one where the patient goes.
  const siteId = journeyOf(record)?.siteId;
  const { atHospital, seenBy: people, acceptedBy } = seenBy(record, entry, siteId);
  if (acceptedBy !== undefined)
    return { place: "seen", words: `Accepted by ${acceptedBy.name} ${clockTime(acceptedBy.at)}`, keptAside, inArchive };
  const last = people.at(-1);
  if (last !== undefined)
    return {
      place: "seen",
      words: `Seen by ${people.map((one) => one.name).join(", ")} ${clockTime(last.at)}`,
      keptAside,
      inArchive,
    };
  if (atHospital !== undefined)
    return { place: "hospital", words: `At ${atHospital.siteName} ${clockTime(atHospital.at)}`, keptAside, inArchive };
  const before = siteId === undefined ? undefined : seenBy(record, entry).atHospital;
  return {
    place: state === undefined || state.at === "waiting" ? "tablet" : inArchive ? "archive" : "base",
    words: before === undefined ? "" : `At ${before.siteName} ${clockTime(before.at)}, before the diversion`,
    keptAside,
    inArchive,
  };
};

/** The site that wrote this entry itself; undefined for what a crew wrote. */
const hospitalEntry = (entry: Entry): string | undefined => {
  const known = readBody(entry);
  return known?.kind === "acceptance" || known?.kind === "place" ? known.body.site.name : undefined;
};
