import type { Observations } from "#domain/observations/observations.ts";

/** A number on the pad. `digitsFor` says when it is complete, so that the pad moves on by itself. */
export interface NumberField {
  id:
    | "respirations"
    | "spo2"
    | "pulse"
    | "systolic"
    | "diastolic"
    | "temperature"
    | "pain"
    | "glucose"
    | "capillaryRefill"
    | "etco2"
    | "heartRate"
    | "oxygenFlow";
  kind: "number";
  label: string;
  /** Unit as people say it. */
  unit: string;
  /** How many digits make it complete, given what is typed; the pad then moves on. */
  digitsFor: (digits: string) => number;
  /** `after-two`: 368 is 36.8. `last`: the last of two or more digits is the tenth, 54 is 5.4. */
  tenths?: "after-two" | "last";
}
export interface ChoiceField {
  id: "inspired" | "acvpu" | "eye" | "verbal" | "motor";
  kind: "choice";
  label: string;
  choices: readonly { value: string; short: string; label: string }[];
}
export type Field = NumberField | ChoiceField;
export type FieldId = Field["id"];

const two = () => 2;
const pressure = (digits: string) => (/^[12]/.test(digits) ? 3 : 2);
const number = (
  id: NumberField["id"],
  label: string,
  unit: string,
  digitsFor: NumberField["digitsFor"],
  tenths?: NumberField["tenths"],
): NumberField => ({ id, kind: "number", label, unit, digitsFor, ...(tenths ? { tenths } : {}) });
const gcsChoices = (words: readonly string[], extra: readonly [string, string][]) => [
  ...words.map((word, i) => ({ value: String(i + 1), short: String(i + 1), label: `${i + 1}, ${word}` })),
  ...extra.map(([value, label]) => ({ value, short: value, label })),
];

/** The first page, in the order a crew works in. */
export const vitalsPage: readonly Field[] = [
  number("respirations", "Breathing rate", "/min", two),
  number("spo2", "Oxygen saturation", "%", (digits) => (digits.startsWith("10") ? 3 : 2)),
  {
    id: "inspired",
    kind: "choice",
    label: "Air or oxygen",
    choices: [
      { value: "air", short: "Air", label: "Air" },
      { value: "oxygen", short: "Oxygen", label: "Oxygen" },
    ],
  },
  number("pulse", "Pulse", "/min", pressure),
  number("systolic", "Systolic blood pressure", "mmHg", pressure),
  number("diastolic", "Diastolic blood pressure", "mmHg", (digits) => (digits.startsWith("1") ? 3 : 2)),
  {
    id: "acvpu",
    kind: "choice",
    label: "ACVPU",
    choices: [
      { value: "A", short: "A", label: "Alert" },
      { value: "C", short: "C", label: "New confusion" },
      { value: "V", short: "V", label: "Voice" },
      { value: "P", short: "P", label: "Pain" },
      { value: "U", short: "U", label: "Unresponsive" },
    ],
  },
  number("temperature", "Temperature", "°C", () => 3, "after-two"),
  number("pain", "Pain", "/10", (digits) => (digits === "1" ? 2 : digits.startsWith("1") ? 2 : 1)),
];

export const morePage: readonly Field[] = [
  {
    id: "eye",
    kind: "choice",
    label: "GCS eyes",
    choices: gcsChoices(["none", "to pain", "to voice", "open"], [["NT", "not testable"]]),
  },
  {
    id: "verbal",
    kind: "choice",
    label: "GCS verbal",
    choices: gcsChoices(
      ["none", "sounds", "words", "confused", "orientated"],
      [
        ["NT", "not testable"],
        ["T", "intubated"],
      ],
    ),
  },
  {
    id: "motor",
    kind: "choice",
    label: "GCS motor",
    choices: gcsChoices(
      ["none", "extends", "abnormal flexion", "withdraws", "localises", "obeys"],
      [["NT", "not testable"]],
    ),
  },
  number("glucose", "Blood glucose", "mmol/L", () => 3, "last"),
  number("capillaryRefill", "Capillary refill", "s", () => 1),
  number("etco2", "End-tidal CO₂", "kPa", (digits) => (digits.startsWith("1") ? 3 : 2), "last"),
  number("heartRate", "Heart rate, ECG", "/min", pressure),
  number("oxygenFlow", "Oxygen flow", "L/min", (digits) => (digits.startsWith("1") ? 2 : 1)),
];

export const allFields: readonly Field[] = [...vitalsPage, ...morePage];
export const fieldOf = (id: FieldId): Field => allFields.find((field) => field.id === id)!;

export type NotDoneReason = "refused" | "not-possible" | "not-needed" | "no-equipment";
export const notDoneWords: Record<NotDoneReason, string> = {
  refused: "Refused",
  "not-possible": "Not possible",
  "not-needed": "Not needed",
  "no-equipment": "No equipment",
};

/** The last value of a field as words, for the ghost that never counts. */
export const ghostOf = (last: Observations | undefined, id: FieldId): string | undefined => {
  if (last === undefined) return undefined;
  if (id === "eye" || id === "verbal" || id === "motor") {
    const gcs = last.gcs;
    return gcs !== undefined && "is" in gcs ? String(gcs.is[id]) : undefined;
  }
  const held = last[id];
  if (held === undefined) return undefined;
  if ("notDone" in held) return undefined;
  return "value" in held ? held.value : (held.is as string);
};
