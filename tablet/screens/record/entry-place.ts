import type { Entry } from "#domain/entry/entry.ts";
import { seenBy } from "#domain/handover/seen.ts";
import type { CareRecord } from "#domain/record.ts";
import type { HeldState } from "#sync/store.ts";
import type { EntryPlace } from "#ui/state-mark.tsx";
import { clockTime } from "#ui/times.ts";

export interface WhereItIs {
  place: EntryPlace;
  /** `Accepted by Dr Patel 14:30`, `Seen by …`, `At Southgate 14:29`; empty before the hospital. */
  words: string;
  /** The base keeps it aside because it could not be read: it is durable, and somebody must look. */
  keptAside: boolean;
}

/** How far an entry has come: what the base answered, and what the hospital's screens and people have written. */
export const whereItIs = (record: CareRecord, entry: Entry, state: HeldState | undefined): WhereItIs => {
  const { atHospital, seenBy: people, acceptedBy } = seenBy(record, entry);
  const keptAside = state?.at === "quarantined";
  if (acceptedBy !== undefined)
    return { place: "seen", words: `Accepted by ${acceptedBy.name} ${clockTime(acceptedBy.at)}`, keptAside };
  const last = people.at(-1);
  if (last !== undefined)
    return {
      place: "seen",
      words: `Seen by ${people.map((one) => one.name).join(", ")} ${clockTime(last.at)}`,
      keptAside,
    };
  if (atHospital !== undefined)
    return { place: "hospital", words: `At ${atHospital.siteName} ${clockTime(atHospital.at)}`, keptAside };
  return { place: state === undefined || state.at === "waiting" ? "tablet" : "base", words: "", keptAside };
};
