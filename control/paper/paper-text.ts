import type { milestones } from "#domain/incident/incident.ts";
import type { Vital } from "#domain/observations/observations.ts";

type Milestone = (typeof milestones)[number];

/** The times a form has boxes for, by what is printed over them. */
export const timeBoxes = [
  ["call-connected", "Call"],
  ["allocated", "Allocated"],
  ["mobile", "Mobile"],
  ["at-scene", "At scene"],
  ["at-patient", "At patient"],
  ["left-scene", "Left scene"],
  ["at-hospital", "At hospital"],
  ["handed-over", "Handed over"],
  ["clear", "Clear"],
] as const satisfies readonly (readonly [Milestone, string])[];

/** Rows of the grid, in the paper's order. */
export const vitalBoxes = [
  ["respirations", "Breaths"],
  ["spo2", "SpO₂ %"],
  ["oxygenFlow", "O₂ l/min"],
  ["systolic", "BP upper"],
  ["diastolic", "BP lower"],
  ["pulse", "Pulse"],
  ["temperature", "Temp °C"],
  ["glucose", "Glucose"],
  ["pain", "Pain"],
] as const satisfies readonly (readonly [Vital, string])[];

export type SetText = Record<
  "time" | "spo2Scale" | "inspired" | "acvpu" | "eye" | "verbal" | "motor" | (typeof vitalBoxes)[number][0],
  string
>;
export type DrugText = Record<
  "time" | "drug" | "presentation" | "dose" | "unit" | "route" | "giver" | "witness" | "batch",
  string
>;
export type PersonText = Record<"name" | "staffNumber" | "role", string>;

export const blankSet: SetText = {
  time: "",
  spo2Scale: "",
  inspired: "",
  acvpu: "",
  eye: "",
  verbal: "",
  motor: "",
  respirations: "",
  spo2: "",
  oxygenFlow: "",
  systolic: "",
  diastolic: "",
  pulse: "",
  temperature: "",
  glucose: "",
  pain: "",
};
export const blankDrug: DrugText = {
  time: "",
  drug: "",
  presentation: "",
  dose: "",
  unit: "mg",
  route: "",
  giver: "",
  witness: "",
  batch: "",
};
export const blankPerson: PersonText = { name: "", staffNumber: "", role: "" };

export const blankFields = {
  date: "",
  time: "",
  cadNumber: "",
  callSign: "",
  vehicle: "",
  priority: "",
  location: "",
  familyName: "",
  givenName: "",
  birthDate: "",
  ageYears: "",
  nhsNumber: "",
  nhsNumberNo: "",
  gender: "",
  identity: "",
  weight: "",
  weightHow: "",
  pregnant: "",
  address: "",
  gp: "",
  allergies: "",
  allergyList: "",
  concern: "",
  onsetDate: "",
  onsetTime: "",
  onsetNo: "",
  findings: "",
  pastHistory: "",
  medication: "",
  ecg: "",
  ecgTime: "",
  ecgSays: "",
  outcome: "",
  handoverTo: "",
  handoverRole: "",
  handoverWhere: "",
  handoverDate: "",
  handoverTime: "",
  notes: "",
};
export type Field = keyof typeof blankFields;

/**
 * A form as it is typed: what stands in each box. Times are `14:05`, of the date on top unless a date of their own stands beside
 * them; dates are day first.
 */
export interface PaperText {
  fields: Record<Field, string>;
  times: Partial<Record<Milestone, string>>;
  author: PersonText;
  crew: PersonText[];
  sets: SetText[];
  drugs: DrugText[];
}
export const blankText: PaperText = {
  fields: blankFields,
  times: {},
  author: blankPerson,
  crew: [blankPerson],
  sets: [blankSet],
  drugs: [blankDrug],
};

/** Only the boxes that hold something. */
export const filled = <T extends object>(entries: T): { [K in keyof T]?: Exclude<T[K], "" | undefined> } =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== "" && value !== undefined)) as never;
