import type { Entry } from "#domain/entry/entry.ts";
import { type CareRecord, fold, type RecordLine } from "#domain/record.ts";
import type { LogLine } from "../log-line.ts";
import type { CodeableConcept, Meta } from "./r4.ts";

export interface FhirContext {
  /** FHIR base URL without a closing slash. */
  base: string;
  trust: { id: string; name: string };
  /** When the answer is made, an instant in UTC. */
  now: string;
}

/** All versions of one line of the record: what becomes one resource, or the parts of one. */
export interface Versions {
  /** Logical id: that of the first version. */
  id: string;
  /** The version that stands; where none does, the struck one that stood last. */
  line: RecordLine;
  /** Oldest first; the last is the line's own entry. */
  entries: Entry[];
  /** Every entry that made or changed this line: amendments, strikes, strikes of strikes. */
  touchedBy: Entry[];
}

/** One record, read for FHIR: folded once, with each line's place in the log. */
export interface View {
  context: FhirContext;
  record: CareRecord;
  lines: readonly LogLine[];
  versions: Versions[];
  placeOf(entry: Entry): LogLine;
}

export const viewOf = (lines: readonly LogLine[], context: FhirContext): View => {
  const entries = lines.map((line) => line.entry);
  const record = fold(entries);
  const places = new Map(lines.map((line) => [line.entry.id, line]));
  return { context, record, lines, versions: versionsOf(record, entries), placeOf: (entry) => places.get(entry.id)! };
};

const versionsOf = (record: CareRecord, entries: readonly Entry[]): Versions[] => {
  const strikesOf = grouped(
    entries.filter((entry) => entry.ref?.rel === "strikes"),
    (strike) => strike.ref!.id,
  );
  return [...grouped(record.lines, (line) => line.rootId)].flatMap(([rootId, group]) => {
    const touchedBy = withStrikes(
      group.map((line) => line.entry),
      strikesOf,
    );
    const standing = group.filter((line) => line.state === "current");
    const shown = standing.length > 0 ? standing : group.filter((line) => line.state === "struck").slice(-1);
    // Two tablets amended one line apart: the last in display order is the line, the others stand beside it by their own id.
    return shown.map((line, at) => ({
      id: at === shown.length - 1 ? rootId : line.entry.id,
      line,
      entries: [...line.history, line.entry],
      touchedBy,
    }));
  });
};

const grouped = <T>(all: readonly T[], keyOf: (one: T) => string): Map<string, T[]> => {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const group = groups.get(keyOf(one));
    if (group) group.push(one);
    else groups.set(keyOf(one), [one]);
  }
  return groups;
};

const withStrikes = (entries: readonly Entry[], strikesOf: Map<string, Entry[]>): Entry[] => {
  const all = new Set(entries);
  for (const entry of all) for (const strike of strikesOf.get(entry.id) ?? []) all.add(strike);
  return [...all];
};

/**
 * A resource's version is the log position of the newest entry that touched it: the same on every server of the cell,
 * with nothing to store, and history is the replay of the log up to there.
 */
export const metaOf = (view: View, touchedBy: readonly Entry[], profile?: string): Meta => {
  const newest = newestOf(view, touchedBy);
  return {
    versionId: String(newest?.position ?? 0),
    ...(newest && { lastUpdated: newest.received }),
    ...(profile && { profile: [`https://fhir.hl7.org.uk/StructureDefinition/${profile}`] }),
    ...(view.record.incident?.body.demonstration && { security: [demonstrationLabel] }),
  };
};

export const newestOf = (view: View, entries: readonly Entry[]): LogLine | undefined =>
  entries.map(view.placeOf).reduce<LogLine | undefined>((a, b) => (a && a.position > b.position ? a : b), undefined);

/** Test health data: no receiver may take a demonstration for a patient. */
const demonstrationLabel = {
  system: "http://terminology.hl7.org/CodeSystem/v3-ActReason",
  code: "HTEST",
  display: "test health data",
};

export const isStruck = ({ line }: Versions): boolean => line.state === "struck";
export const isAmended = ({ line, entries }: Versions): boolean => line.state === "current" && entries.length > 1;

export const text = (said: string): CodeableConcept => ({ text: said });
export const recordReference = (view: View, type: "Patient" | "Encounter") => ({
  reference: `${type}/${view.record.recordId}`,
});
