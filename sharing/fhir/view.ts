import { asksForCoSign, mayCoSign } from "#domain/co-signature/co-signature.ts";
import type { Entry } from "#domain/entry/entry.ts";
import { type CareRecord, fold, type RecordLine } from "#domain/record.ts";
import type { LogLine } from "../log-line.ts";
import { ownSystem } from "./codes.ts";
import type { CodeableConcept, Meta, Resource } from "./r4.ts";

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
  /** Every entry that made or changed this line: amendments, strikes, strikes of strikes, and co-signatures that count. */
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
  const signaturesOf = coSignaturesById(record);
  return [...grouped(record.lines, (line) => line.rootId)].flatMap(([rootId, group]) => {
    const touchedBy = withWhatFollowed(
      group.map((line) => line.entry),
      (entry) => [...(strikesOf.get(entry.id) ?? []), ...signaturesOf(entry)],
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

/** The co-signatures that count for an entry, also those that were struck: a reader may have had them. */
const coSignaturesById = ({ coSignatures }: CareRecord): ((entry: Entry) => Entry[]) => {
  const counting = coSignatures.filter(({ author }) => mayCoSign(author));
  const byId = grouped(
    counting.flatMap((signature) => signature.body.entries.map((id) => ({ id, signature }))),
    ({ id }) => id,
  );
  return ({ id, author }) =>
    asksForCoSign(author)
      ? (byId.get(id) ?? []).map(({ signature }) => signature).filter((one) => one.author.userId !== author.userId)
      : [];
};

const withWhatFollowed = (entries: readonly Entry[], followed: (entry: Entry) => Entry[]): Entry[] => {
  const all = new Set(entries);
  for (const entry of all) for (const later of followed(entry)) all.add(later);
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

/** On whatever awaits a co-signature, so that a receiver's program can tell it without reading words. */
export const withAwaitedTag = <R extends Resource>(resource: R, awaits: boolean): R =>
  awaits ? { ...resource, meta: { ...resource.meta, tag: [awaitedTag] } } : resource;

const awaitedTag = {
  system: ownSystem("co-signature"),
  code: "awaited",
  display: "Written by a student, and not co-signed yet",
};

export const isStruck = ({ line }: Versions): boolean => line.state === "struck";
export const isAmended = ({ line, entries }: Versions): boolean => line.state === "current" && entries.length > 1;

export const text = (said: string): CodeableConcept => ({ text: said });
export const recordReference = (view: View, type: "Patient" | "Encounter") => ({
  reference: `${type}/${view.record.recordId}`,
});
