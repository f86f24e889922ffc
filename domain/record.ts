import { awaitsCoSign, type CoSign, resolveCoSigns } from "./co-signature/resolve.ts";
import type { Entry } from "./entry/entry.ts";
import { uniqueInOrder } from "./entry/order.ts";
import { sameValue } from "./entry/same-value.ts";
import { isSlip, resolveStrikes, resolveVersions } from "./entry/standing.ts";
import { timelineLines } from "./entry/struck.ts";
import type { BodyOf, EntryOf, Kind, KnownEntry } from "./kinds.ts";
import { readBody } from "./kinds.ts";

/** One entry as the record shows it. */
export interface RecordLine {
  entry: Entry;
  /** Null: a kind, version or body that this version does not understand. It is shown as a generic card. */
  known: KnownEntry | null;
  state: "current" | "amended" | "struck";
  /** The effective strike, when struck. */
  struckBy?: Entry;
  /** Struck with reason "slip" (undo): folded away. */
  slip: boolean;
  /** The effective amendments that replace this entry; empty when it stands. */
  amendedBy: Entry[];
  /** Earlier versions that this line supersedes, oldest first; filled for current and struck lines. */
  history: Entry[];
  /** Id of the first version of this line: the same for all its versions. */
  rootId: string;
  /** Several versions of one line stand side by side, such as amendments by two devices. */
  disagrees: boolean;
  /** Of a current or struck line whose author's roles ask for it: what a crewmate is to sign, and who has. */
  coSign?: CoSign;
}
export type LineOf<K extends Kind> = RecordLine & { known: EntryOf<K> };

/** The value of something a record has once. */
export interface Field<B> {
  entry: Entry;
  body: B;
  /** Other standing entries of this kind with a different body. */
  disagreement: Entry[];
}

type FieldOf<K extends Kind> = Field<BodyOf<K>> | undefined;

/** The record as its entries tell it. Everything in it is current unless said otherwise; lists are oldest first. */
export interface CareRecord {
  /** Empty for a record without entries. */
  recordId: string;
  /** All entries but strikes, receipts and co-signatures, in every state, in display order. */
  lines: RecordLine[];
  incident: FieldOf<"incident">;
  patient: FieldOf<"patient">;
  allergies: FieldOf<"allergies">;
  presentation: FieldOf<"presentation">;
  spo2Scale: FieldOf<"spo2-scale">;
  destination: FieldOf<"destination">;
  prealert: FieldOf<"prealert">;
  handover: FieldOf<"handover">;
  acceptance: FieldOf<"acceptance">;
  place: FieldOf<"place">;
  observations: LineOf<"observations">[];
  drugs: LineOf<"drug">[];
  ecgs: LineOf<"ecg">[];
  notes: LineOf<"note">[];
  events: LineOf<"event">[];
  milestones: LineOf<"milestone">[];
  /** Every standing decision about the SpO2 scale; `news2Of` needs the one in force at the time of a set. */
  spo2Scales: LineOf<"spo2-scale">[];
  /** Every standing destination: a diversion leaves the earlier ones here. */
  destinations: LineOf<"destination">[];
  prealerts: LineOf<"prealert">[];
  /** Every standing allergy list: where two disagree, both must speak. */
  allergyLists: LineOf<"allergies">[];
  acceptances: LineOf<"acceptance">[];
  receipts: EntryOf<"receipt">[];
  /** Every co-signature, also those that are struck or count for nothing, in display order. */
  coSignatures: EntryOf<"co-signature">[];
  /** The lines of the timeline that nobody has signed yet though they ask for it, in display order. */
  awaitingCoSign: RecordLine[];
  /** Device id → highest n. */
  heads: Record<string, number>;
  /** The same without receipts, so that a receipt never asks for another one. */
  contentHeads: Record<string, number>;
  /** Current lines that this version does not understand. */
  unknown: RecordLine[];
  /** Every strike, effective or not, in display order. */
  strikes: Entry[];
  /** Strikes whose target has not arrived. */
  pendingStrikes: Entry[];
}

/**
 * The record that these entries make, whatever order they came in and however often. Total: hostile references neither
 * throw nor hang, and nothing is dropped. The caller passes the entries of one record.
 *
 * - An entry is struck while a strike that is not itself struck names it; a strike may arrive first.
 * - An entry is superseded while an amendment of it, of the same kind, stands. One whose body cannot be read supersedes
 *   nothing: both are shown, as a disagreement, because an allergy must not vanish behind a card nobody can read.
 * - A field's value is the last in display order of the entries that stand.
 * - An entry whose author's roles ask for it awaits a co-signature until one counts: of another person, who is signed in on a
 *   tablet and needs none. It covers what it names and nothing after, so that an amendment asks for one of its own.
 */
export const fold = (entries: readonly Entry[]): CareRecord => {
  const ordered = uniqueInOrder(entries);
  const known = readBodies(ordered);
  const strikes = ordered.filter((entry) => known.get(entry.id)?.kind === "strike");
  const { struckBy, pending } = resolveStrikes(strikes, idsOf(ordered));
  const unstruck = ({ id }: KnownEntry) => !struckBy.has(id);
  const receipts = [...known.values()].filter((read) => read.kind === "receipt" && unstruck(read));
  const coSignatures = [...known.values()].filter((read) => read.kind === "co-signature");
  const lines = linesOf(ordered, known, struckBy, resolveCoSigns(coSignatures.filter(unstruck)));
  const current = new Map<string, RecordLine[]>();
  const unknown: RecordLine[] = [];
  for (const line of lines) {
    if (line.state !== "current") continue;
    if (line.known) append(current, line.known.kind, line);
    else unknown.push(line);
  }
  const all = <K extends Kind>(kind: K) => (current.get(kind) ?? []) as LineOf<K>[];
  const field = <K extends Kind>(kind: K): FieldOf<K> => fieldOf(all(kind), !replacing.has(kind));

  return {
    recordId: ordered[0]?.recordId ?? "",
    lines,
    incident: field("incident"),
    patient: field("patient"),
    allergies: field("allergies"),
    presentation: field("presentation"),
    spo2Scale: field("spo2-scale"),
    destination: field("destination"),
    prealert: field("prealert"),
    handover: field("handover"),
    acceptance: field("acceptance"),
    place: field("place"),
    observations: all("observations"),
    drugs: all("drug"),
    ecgs: all("ecg"),
    notes: all("note"),
    events: all("event"),
    milestones: all("milestone"),
    spo2Scales: all("spo2-scale"),
    destinations: all("destination"),
    prealerts: all("prealert"),
    allergyLists: all("allergies"),
    acceptances: all("acceptance"),
    receipts: receipts as EntryOf<"receipt">[],
    coSignatures,
    awaitingCoSign: timelineLines({ lines }).filter(awaitsCoSign),
    heads: headsOf(ordered),
    contentHeads: headsOf(ordered.filter((entry) => known.get(entry.id)?.kind !== "receipt")),
    unknown,
    strikes,
    pendingStrikes: pending,
  };
};

const readBodies = (entries: readonly Entry[]): Map<string, KnownEntry> => {
  const known = new Map<string, KnownEntry>();
  for (const entry of entries) {
    const read = readBody(entry);
    if (read) known.set(entry.id, read);
  }
  return known;
};

/** A line for every entry but strikes, receipts and co-signatures. */
const linesOf = (
  ordered: readonly Entry[],
  known: ReadonlyMap<string, KnownEntry>,
  struckBy: ReadonlyMap<string, Entry>,
  coSignOf: ReturnType<typeof resolveCoSigns>,
): RecordLine[] => {
  const shown = ordered.filter((entry) => !unlined.has(known.get(entry.id)?.kind));
  const versions = resolveVersions(shown, (entry) => known.has(entry.id) && !struckBy.has(entry.id));
  const standing = new Map<string, RecordLine[]>();
  const lines = shown.map((entry) => {
    const strike = struckBy.get(entry.id);
    const amendedBy = versions.amendedBy(entry.id);
    const state = strike ? "struck" : amendedBy.length > 0 ? "amended" : "current";
    const line: RecordLine = {
      entry,
      known: known.get(entry.id) ?? null,
      state,
      slip: isSlip(strike),
      amendedBy,
      history: state === "amended" ? [] : versions.historyOf(entry.id),
      rootId: versions.rootOf(entry.id),
      disagrees: false,
    };
    if (strike) line.struckBy = strike;
    const coSign = state === "amended" ? undefined : coSignOf(entry, strike);
    if (coSign) line.coSign = coSign;
    if (state === "current") append(standing, line.rootId, line);
    return line;
  });
  for (const siblings of standing.values()) if (siblings.length > 1) for (const line of siblings) line.disagrees = true;
  return lines;
};

const unlined: ReadonlySet<string | undefined> = new Set(["strike", "receipt", "co-signature"]);

/** Kinds where a later entry replaces the earlier by its nature (a diversion, a new decision): no disagreement. */
const replacing: ReadonlySet<Kind> = new Set(["destination", "prealert", "place", "spo2-scale"]);

const fieldOf = <K extends Kind>(lines: LineOf<K>[], compare: boolean): FieldOf<K> => {
  const last = lines.at(-1);
  if (!last) return undefined;
  const others = compare ? lines.filter((line) => line !== last && !sameValue(line.entry.body, last.entry.body)) : [];
  return {
    entry: last.entry,
    body: last.known.body as BodyOf<K>,
    disagreement: others.map((line) => line.entry),
  };
};

const idsOf = (entries: readonly Entry[]): ((id: string) => boolean) => {
  const ids = new Set(entries.map((entry) => entry.id));
  return (id) => ids.has(id);
};

const headsOf = (entries: readonly Entry[]): Record<string, number> => {
  const heads = new Map<string, number>();
  for (const { deviceId, n } of entries) if (n > (heads.get(deviceId) ?? 0)) heads.set(deviceId, n);
  return Object.fromEntries(heads);
};

const append = <T>(map: Map<string, T[]>, key: string, value: T): void => {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
};
