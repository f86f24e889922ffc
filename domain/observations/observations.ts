import * as z from "zod/mini";
import { instant, shortText } from "../entry/entry.ts";
import { decimal } from "../entry/quantity.ts";

/** One unit per observation, UCUM, so that two sets always compare (clinical.md, "Vitals"). */
export const vitalUnits = {
  respirations: "/min",
  spo2: "%",
  systolic: "mm[Hg]",
  diastolic: "mm[Hg]",
  pulse: "/min",
  heartRate: "/min",
  temperature: "Cel",
  pain: "{score}",
  glucose: "mmol/L",
  etco2: "kPa",
  capillaryRefill: "s",
  oxygenFlow: "L/min",
} as const;
export type Vital = keyof typeof vitalUnits;

/** Where a reading came from; a monitor's reading carries the monitor's own time. */
const how = {
  /** When it was measured, where that differs from the entry's `occurredAt`. */
  at: z.optional(instant),
  from: z.enum(["hand", "monitor"]),
};
const reading = z.object({ value: decimal, ...how });
export type Reading = z.infer<typeof reading>;

/** Not measured, and why. `not-known` and its siblings are answers; an omitted vital was simply not part of the set. */
export const notDone = z.object({
  notDone: z.enum(["refused", "not-possible", "not-needed", "no-equipment"]),
  why: z.optional(shortText),
});

export const acvpu = z.enum(["A", "C", "V", "P", "U"]);
/** `NT`: not testable. `T` (verbal only): intubated. Neither scores. */
export const gcs = z.object({
  eye: z.union([z.int().check(z.minimum(1), z.maximum(4)), z.literal("NT")]),
  verbal: z.union([z.int().check(z.minimum(1), z.maximum(5)), z.literal("NT"), z.literal("T")]),
  motor: z.union([z.int().check(z.minimum(1), z.maximum(6)), z.literal("NT")]),
});
export type Gcs = z.infer<typeof gcs>;

const vital = z.optional(z.union([reading, notDone]));

/** Kind `observations`: one set, taken at about `occurredAt`. Any part may be missing; nothing is ever assumed. */
export const observations = z.object({
  respirations: vital,
  spo2: vital,
  systolic: vital,
  diastolic: vital,
  pulse: vital,
  /** From an ECG, as against the pulse felt or counted by the oximeter. */
  heartRate: vital,
  temperature: vital,
  pain: vital,
  glucose: vital,
  etco2: vital,
  capillaryRefill: vital,
  oxygenFlow: vital,
  inspired: z.optional(
    z.union([z.object({ is: z.enum(["air", "oxygen"]), reconfirmed: z.optional(z.boolean()), ...how }), notDone]),
  ),
  acvpu: z.optional(z.union([z.object({ is: acvpu, reconfirmed: z.optional(z.boolean()), ...how }), notDone])),
  gcs: z.optional(z.union([z.object({ is: gcs, ...how }), notDone])),
});
export type Observations = z.infer<typeof observations>;

/** Kind `spo2-scale`: a named clinician's decision that scale 2 applies (confirmed hypercapnic failure), or that it does not. */
export const spo2Scale = z.object({
  scale: z.union([z.literal(1), z.literal(2)]),
  decidedBy: shortText,
  basis: shortText,
});
