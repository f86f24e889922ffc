import type { Entry } from "./entry/entry.ts";
import { uniqueInOrder } from "./entry/order.ts";
import { sameValue } from "./entry/same-value.ts";
import { isSlip, resolveStrikes, resolveVersions } from "./entry/standing.ts";
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
  /** All entries but strikes and receipts, in every state, in display order. */
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
 */
export const fold = (entries: readonly Entry[]): CareRecord => {
  const ordered = uniqueInOrder(entries);
  const known = new Map<string, KnownEntry>();
  for (const entry of ordered) {
    const read = readBody(entry);
    if (read) known.set(entry.id, read);
  }
  const isStrike = (entry: Entry) => known.get(entry.id)?.kind === "strike";
  const strikes = ordered.filter(isStrike);
  const { struckBy, pending } = resolveStrikes(strikes, idsOf(ordered));
  const versions = resolveVersions(
    ordered.filter((entry) => !isStrike(entry)),
    (entry) => known.has(entry.id) && !struckBy.has(entry.id),
  );

  const lines: RecordLine[] = [];
  const receipts: EntryOf<"receipt">[] = [];
  const heads = new Map<string, number>();
  const contentHeads = new Map<string, number>();
  const standing = new Map<string, RecordLine[]>();
  for (const entry of ordered) {
    const body = known.get(entry.id) ?? null;
    raise(heads, entry);
    if (body?.kind !== "receipt") raise(contentHeads, entry);
    if (body?.kind === "strike") continue;
    const strike = struckBy.get(entry.id);
    if (body?.kind === "receipt") {
      if (!strike) receipts.push(body);
      continue;
    }
    const amendedBy = versions.amendedBy(entry.id);
    const state = strike ? "struck" : amendedBy.length > 0 ? "amended" : "current";
    const line: RecordLine = {
      entry,
      known: body,
      state,
      ...(strike && { struckBy: strike }),
      slip: isSlip(strike),
      amendedBy,
      history: state === "amended" ? [] : versions.historyOf(entry.id),
      rootId: versions.rootOf(entry.id),
      disagrees: false,
    };
    lines.push(line);
    if (state === "current") append(standing, line.rootId, line);
  }
  for (const siblings of standing.values()) if (siblings.length > 1) for (const line of siblings) line.disagrees = true;

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
    receipts,
    heads: Object.fromEntries(heads),
    contentHeads: Object.fromEntries(contentHeads),
    unknown,
    strikes,
    pendingStrikes: pending,
  };
};

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

const raise = (heads: Map<string, number>, entry: Entry): void => {
  if (entry.n > (heads.get(entry.deviceId) ?? 0)) heads.set(entry.deviceId, entry.n);
};

const append = <T>(map: Map<string, T[]>, key: string, value: T): void => {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
};
