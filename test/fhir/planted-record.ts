import type { Entry } from "#domain/entry/entry.ts";
import { type Vital, vitalUnits } from "#domain/observations/observations.ts";
import { minute, sampleEntries } from "#test/sample-entries.ts";
import { sampleIncident, samplePatient } from "./sample-document.ts";

/** Something that was put into a record and must come out of its document. */
export type Planted =
  | { what: "vital"; value: string; unit: string; at: string; author: string }
  | { what: "drug"; value: string; unit: string; at: string; author: string; drug: string }
  | { what: "allergy"; substance: string; at: string; author: string }
  | { what: "words"; words: string; at: string; author: string };

/** A record of an invented patient, and everything that is in it. The same seed gives the same record. */
export const plantedRecord = (seed: number): { entries: Entry[]; planted: Planted[] } => {
  const random = mulberry32(seed);
  const upTo = (n: number) => Math.floor(random() * n);
  const pick = <T>(all: readonly T[]): T => all[upTo(all.length)]!;
  const decimals = (places: number) => (places === 0 ? "" : `.${String(upTo(10 ** places)).padStart(places, "0")}`);
  const { add, amend, strike } = sampleEntries();
  const entries: Entry[] = [add("incident", sampleIncident), add("patient", samplePatient)];
  const planted: Planted[] = [];
  const people = ["Ada DEMO-ONE", "Bram DEMO-TWO", "Cyd <DEMO> & Three"];

  const observationSet = (author: string) => {
    const body: Record<string, unknown> = {};
    for (const vital of Object.keys(vitalUnits) as Vital[]) {
      if (random() < 0.4) continue;
      const value = `${ranges[vital][0] + upTo(ranges[vital][1])}${decimals(upTo(3))}`;
      // A pressure is one panel with one time; the others are measured when they are measured.
      const at = vital === "systolic" || vital === "diastolic" ? undefined : minute(upTo(600));
      body[vital] = { value, from: pick(["hand", "monitor"]), ...(at && { at }) };
    }
    return { body, options: { name: author, at: minute(upTo(600)) } };
  };
  const plantSet = (entry: Entry, author: string) => {
    for (const [vital, reading] of Object.entries(entry.body) as [Vital, { value: string; at?: string }][])
      planted.push({
        what: "vital",
        value: reading.value,
        unit: vitalUnits[vital],
        at: reading.at ?? entry.occurredAt,
        author,
      });
  };

  for (let i = 0; i < 12; i++) {
    const author = pick(people);
    const options = { name: author, at: minute(upTo(600)) };
    const action = pick(["obs", "obs", "amended", "struck", "drug", "allergy", "note"]);
    if (action === "obs" || action === "amended") {
      const { body, options: when } = observationSet(author);
      let entry = add("observations", body, when);
      entries.push(entry);
      if (action === "amended") {
        const second = observationSet(author);
        entry = amend(entry, second.body, second.options);
        entries.push(entry);
      }
      plantSet(entry, author);
    } else if (action === "drug" || action === "struck") {
      const [value, unit] = [`${1 + upTo(900)}${decimals(upTo(4))}`, pick(["mg", "ug", "mL"])];
      const entry = add("drug", { drug: `Drug ${i}`, dose: { value, unit }, route: pick(["IV", "oral"]) }, options);
      entries.push(entry);
      planted.push({ what: "drug", value, unit, at: entry.occurredAt, author, drug: `Drug ${i}` });
      if (action === "struck") entries.push(strike(entry, { reason: `reason ${i}`, name: author }));
    } else if (action === "allergy") {
      const substance = `Substance ${i}`;
      const entry = add("allergies", { allergies: { is: [{ substance, reaction: "Rash" }] } }, options);
      entries.push(entry);
      planted.push({ what: "allergy", substance, at: entry.occurredAt, author });
    } else {
      const words = `Words ${i} <of> "${pick(["calm", "pale", "clammy"])}" & more`;
      const entry = add("note", { text: words }, options);
      entries.push(entry);
      planted.push({ what: "words", words, at: entry.occurredAt, author });
    }
  }
  return { entries, planted };
};

/** Lowest value and width, so that most readings are possible and some are not. */
const ranges: Record<Vital, readonly [number, number]> = {
  respirations: [4, 40],
  spo2: [80, 25],
  systolic: [60, 180],
  diastolic: [30, 90],
  pulse: [30, 160],
  heartRate: [30, 160],
  temperature: [33, 9],
  pain: [0, 11],
  glucose: [1, 30],
  etco2: [1, 9],
  capillaryRefill: [0, 8],
  oxygenFlow: [0, 16],
};

const mulberry32 = (seed: number) => {
  let state = seed;
  return (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
};
