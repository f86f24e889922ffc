import * as z from "zod/mini";
import { coSignature } from "./co-signature/co-signature.ts";
import { ecg } from "./ecg/ecg.ts";
import type { Entry } from "./entry/entry.ts";
import { acceptance, destination, handover, place, prealert, receipt } from "./handover/handover.ts";
import { incident, milestone } from "./incident/incident.ts";
import { drug } from "./medication/medication.ts";
import { event, note } from "./note/note.ts";
import { observations, spo2Scale } from "./observations/observations.ts";
import { allergies, patient } from "./patient/patient.ts";
import { presentation } from "./presentation/presentation.ts";

/** Every kind this version understands, with the schema of its body. A strike's body is empty: its `ref` says it all. */
export const kinds = {
  incident,
  milestone,
  patient,
  allergies,
  presentation,
  observations,
  "spo2-scale": spo2Scale,
  drug,
  ecg,
  note,
  event,
  destination,
  prealert,
  handover,
  acceptance,
  place,
  receipt,
  "co-signature": coSignature,
  strike: z.object({}),
} as const;
export type Kind = keyof typeof kinds;
export type BodyOf<K extends Kind> = z.infer<(typeof kinds)[K]>;
/** Highest schema version of each kind that this version can read; all are at 1. */
export const kindVersion = 1;

/** An entry whose body has been read by its kind's schema. */
export type EntryOf<K extends Kind> = K extends Kind
  ? Omit<Entry, "kind" | "body"> & { kind: K; body: BodyOf<K> }
  : never;
export type KnownEntry = EntryOf<Kind>;

/** What was read of an entry before: entries never change, and a growing record is folded again with each new one. */
const readBefore = new WeakMap<Entry, KnownEntry | null>();

/**
 * Reads the body of an entry. An unknown kind, a newer version or a body that does not fit gives null: the entry is then
 * shown as a generic card, and is never dropped.
 */
export const readBody = (entry: Entry): KnownEntry | null => {
  const before = readBefore.get(entry);
  if (before !== undefined) return before;
  const read = parseBody(entry);
  readBefore.set(entry, read);
  return read;
};

const parseBody = (entry: Entry): KnownEntry | null => {
  if (!Object.hasOwn(kinds, entry.kind) || entry.v > kindVersion) return null;
  const parsed = kinds[entry.kind as Kind].safeParse(entry.body);
  return parsed.success ? ({ ...entry, body: parsed.data } as KnownEntry) : null;
};
