import { roundedTo } from "../entry/decimal.ts";
import type { CareRecord, LineOf } from "../record.ts";
import type { Observations, Reading } from "./observations.ts";
import { type News2Population, news2Population } from "./population.ts";
import { isImpossible } from "./possible.ts";
import { acvpuWords, vitalText } from "./words.ts";

/** The seven parameters, in the order of the chart; the names are those of an observation set. */
export const news2Parameters = [
  "respirations",
  "spo2",
  "inspired",
  "systolic",
  "pulse",
  "acvpu",
  "temperature",
] as const;
export type News2Parameter = (typeof news2Parameters)[number];
export type News2Score = 0 | 1 | 2 | 3;
export interface News2Part {
  score: News2Score;
  /** What was scored, as people write it: `22 /min`, `oxygen`, `Alert`. */
  text: string;
}
export type News2Parts = { [P in News2Parameter]?: News2Part };
export type News2 =
  | {
      complete: true;
      total: number;
      parts: News2Parts;
      single3: boolean;
      risk: "low" | "low-medium" | "medium" | "high";
    }
  /** A part is missing: there is no score, only "at least". */
  | { complete: false; atLeast: number; parts: News2Parts; missing: News2Parameter[]; single3: boolean };
export type News2NotFor = { notFor: Exclude<News2Population, "adult"> };

export const news2ParameterWords: Record<News2Parameter, string> = {
  respirations: "respirations",
  spo2: "oxygen saturation",
  inspired: "air or oxygen",
  systolic: "systolic blood pressure",
  pulse: "pulse",
  acvpu: "consciousness",
  temperature: "temperature",
};

/** A row of the chart: the highest value that still has this score, lowest row first. */
type Row = readonly (readonly [upTo: number, score: News2Score])[];
const top = Number.POSITIVE_INFINITY;

/** Royal College of Physicians, National Early Warning Score (NEWS) 2, 2017, chart 1. Temperature in tenths of a degree. */
const chart = {
  respirations: [
    [8, 3],
    [11, 1],
    [20, 0],
    [24, 2],
    [top, 3],
  ],
  spo2Scale1: [
    [91, 3],
    [93, 2],
    [95, 1],
    [top, 0],
  ],
  spo2Scale2Air: [
    [83, 3],
    [85, 2],
    [87, 1],
    [top, 0],
  ],
  spo2Scale2Oxygen: [
    [83, 3],
    [85, 2],
    [87, 1],
    [92, 0],
    [94, 1],
    [96, 2],
    [top, 3],
  ],
  systolic: [
    [90, 3],
    [100, 2],
    [110, 1],
    [219, 0],
    [top, 3],
  ],
  pulse: [
    [40, 3],
    [50, 1],
    [90, 0],
    [110, 1],
    [130, 2],
    [top, 3],
  ],
  temperatureTenths: [
    [350, 3],
    [360, 1],
    [380, 0],
    [390, 1],
    [top, 2],
  ],
} satisfies Record<string, Row>;

const scoreIn = (row: Row, value: number): News2Score => row.find(([upTo]) => value <= upTo)![1];

/** Readings further than this from the set's own time are not part of the set, minutes. */
export const news2WindowMinutes = 15;

/**
 * NEWS2 of one set. A value more precise than the chart is rounded half up to the chart's precision (36.05 °C is 36.1; a
 * respiration rate of 20.5 is 21), never towards the middle of a band. What is missing, not done or impossible (an SpO2
 * of 150) is never scored. The pulse is the pulse felt or counted, and the ECG's heart rate where there is none.
 *
 * @param scale of SpO2: 2 only by a recorded decision, see `news2Of`
 */
export const scoreNews2 = (obs: Observations, scale: 1 | 2): News2 => {
  const parts: News2Parts = {};
  const numeric = (parameter: News2Parameter, vital: NumericVital, row: Row, places = 0): void => {
    const value = measured(obs, vital);
    if (value === undefined) return;
    parts[parameter] = { score: scoreIn(row, roundedTo(value, places)), text: vitalText(vital, value) };
  };
  numeric("respirations", "respirations", chart.respirations);
  const inspired = obs.inspired && "is" in obs.inspired ? obs.inspired.is : undefined;
  const saturation = spo2Row(scale, inspired, measured(obs, "spo2"));
  if (saturation) numeric("spo2", "spo2", saturation);
  if (inspired) parts.inspired = { score: inspired === "oxygen" ? 2 : 0, text: inspired };
  numeric("systolic", "systolic", chart.systolic);
  numeric("pulse", measured(obs, "pulse") === undefined ? "heartRate" : "pulse", chart.pulse);
  if (obs.acvpu && "is" in obs.acvpu)
    parts.acvpu = { score: obs.acvpu.is === "A" ? 0 : 3, text: acvpuWords[obs.acvpu.is] };
  numeric("temperature", "temperature", chart.temperatureTenths, 1);

  const scores = Object.values(parts).map((part) => part.score);
  const total = scores.reduce<number>((sum, score) => sum + score, 0);
  const single3 = scores.includes(3);
  const missing = news2Parameters.filter((parameter) => !parts[parameter] && !heldBack(parameter, obs));
  if (missing.length > 0) return { complete: false, atLeast: total, parts, missing, single3 };
  return { complete: true, total, parts, single3, risk: riskOf(total, single3) };
};

type NumericVital = "respirations" | "spo2" | "systolic" | "pulse" | "heartRate" | "temperature";

const measured = (obs: Observations, vital: NumericVital): string | undefined => {
  const reading = obs[vital];
  return reading && "value" in reading && !isImpossible(vital, reading.value) ? reading.value : undefined;
};

/** Undefined: on scale 2 a value of 93 or more scores differently on air and on oxygen, and nobody said which. */
const spo2Row = (scale: 1 | 2, inspired: "air" | "oxygen" | undefined, value: string | undefined): Row | undefined => {
  if (scale === 1) return chart.spo2Scale1;
  if (inspired) return inspired === "air" ? chart.spo2Scale2Air : chart.spo2Scale2Oxygen;
  return value !== undefined && roundedTo(value, 0) <= 92 ? chart.spo2Scale2Air : undefined;
};

/** An SpO2 that only waits for air or oxygen is not itself missing. */
const heldBack = (parameter: News2Parameter, obs: Observations): boolean =>
  parameter === "spo2" && measured(obs, "spo2") !== undefined;

const riskOf = (total: number, single3: boolean) =>
  total >= 7 ? "high" : total >= 5 ? "medium" : single3 ? "low-medium" : "low";

/**
 * NEWS2 of one set of a record: with the SpO2 scale that was decided at that set's time, for whom the score is made, and
 * only of readings taken within `news2WindowMinutes` of the set.
 */
export const news2Of = (record: CareRecord, line: LineOf<"observations">): News2 | News2NotFor => {
  const at = line.entry.occurredAt;
  const population = news2Population(record.patient?.body, at);
  if (population !== "adult") return { notFor: population };
  return scoreNews2(withinWindow(line.known.body, at), spo2ScaleAt(record, at));
};

/** The last standing decision made at or before that instant; scale 1 without one. */
export const spo2ScaleAt = (record: CareRecord, at: string): 1 | 2 =>
  record.spo2Scales.findLast((decision) => decision.entry.occurredAt <= at)?.known.body.scale ?? 1;

const withinWindow = (obs: Observations, setAt: string): Observations => {
  const near = (part: { at?: Reading["at"] } | undefined) =>
    part?.at === undefined || Math.abs(Date.parse(part.at) - Date.parse(setAt)) <= news2WindowMinutes * 60_000;
  return Object.fromEntries(
    Object.entries(obs).filter(([, part]) => near(part as { at?: string } | undefined)),
  ) as Observations;
};
