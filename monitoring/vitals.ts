import type { Observations, Reading, Vital } from "#domain/observations/observations.ts";
import type { WaveState } from "./wave-state.ts";
import { waveStateAt } from "./wave-state.ts";
import type { WfdbRecord, WfdbSignal } from "./wfdb.ts";

/** What a monitor can measure of a set; ACVPU, air or oxygen, and temperature stay for the crew. */
type MonitorVital = Extract<Vital, "heartRate" | "pulse" | "respirations" | "spo2" | "systolic" | "diastolic">;

/** Numbers that monitors send for "no value" (clinical.md, "Monitors"; -32768 is WFDB's). They are gaps, never readings. */
const sentinels: ReadonlySet<number> = new Set([-1, -100, -999, -99.9, 8_388_607, -32_768]);

export type GapReason = "sentinel" | "zero-without-wave" | "zero-against-wave";
export interface MonitorGap {
  at: string;
  vital: MonitorVital;
  why: GapReason;
}

/** A number as the monitor sent it: `raw / scale` in the vital's unit. */
export interface MonitorNumber {
  vital: MonitorVital;
  raw: number;
  /** Digital units per unit: 10 where the monitor counts in tenths. */
  scale: number;
}

/** Decimals that a scale can carry: tenths for 10, none for 1. Kept, because precision is part of what was measured. */
const decimalsOf = (scale: number): number => (scale <= 1 ? 0 : Math.min(3, Math.ceil(Math.log10(scale))));

type Judgement = { reading: string } | { gap: GapReason } | { asystole: string };

/**
 * A zero is believed only as a heart rate on a flat line with the leads on. An oximeter or a respiration channel that says 0
 * has lost its signal, and no wave of theirs is at hand to say otherwise.
 */
const judge = ({ vital, raw, scale }: MonitorNumber, wave: WaveState): Judgement => {
  const value = raw / scale;
  if (sentinels.has(raw) || sentinels.has(value)) return { gap: "sentinel" };
  const text = value.toFixed(decimalsOf(scale));
  if (value !== 0) return { reading: text };
  if (wave === "living") return { gap: "zero-against-wave" };
  return vital === "heartRate" && wave === "flat" ? { asystole: text } : { gap: "zero-without-wave" };
};

export interface MonitorSet {
  /** UTC instant, the monitor's own time. */
  at: string;
  /** Body of kind `observations`; empty where every number was a gap. */
  body: Observations;
  gaps: MonitorGap[];
  /** Body of kind `event` to record beside it, where the heart rate is 0 on a flat line. */
  alert: { event: string; detail: string } | null;
}

/** One instant's numbers as an observation set. `wave` is what the ECG did then. */
export const monitorSet = (atMs: number, numbers: readonly MonitorNumber[], wave: WaveState): MonitorSet => {
  const at = new Date(atMs).toISOString();
  const set: MonitorSet = { at, body: {}, gaps: [], alert: null };
  for (const number of numbers) {
    const judgement = judge(number, wave);
    if ("gap" in judgement) {
      set.gaps.push({ at, vital: number.vital, why: judgement.gap });
      continue;
    }
    const value = "reading" in judgement ? judgement.reading : judgement.asystole;
    const reading: Reading = { value, at, from: "monitor" };
    set.body[number.vital] = reading;
    if ("asystole" in judgement)
      set.alert = {
        event: "Possible asystole: check patient",
        detail: "The monitor counted no beats on a flat line with its leads on.",
      };
  }
  return set;
};

/** Names of numerics in WFDB records of bedside monitors. A mean pressure has no place in a set and is left out. */
const numericNames: Readonly<Record<string, MonitorVital>> = {
  HR: "heartRate",
  PULSE: "pulse",
  RESP: "respirations",
  SpO2: "spo2",
  NBPSys: "systolic",
  NBPDias: "diastolic",
};

const numberAt = (signal: WfdbSignal, i: number): MonitorNumber | null => {
  const vital = Object.hasOwn(numericNames, signal.name) ? numericNames[signal.name] : undefined;
  return vital === undefined ? null : { vital, raw: signal.samples[i]! - signal.baseline, scale: signal.gain };
};

/**
 * Every instant of a monitor's numerics record as a set, oldest first. `waves` is the ECG of the same patient from the same
 * instant on, or null where there is none. Both begin at `startsAtMs`: the recorder's own date may be shifted.
 */
export const setsFromNumerics = (numerics: WfdbRecord, waves: WfdbRecord | null, startsAtMs: number): MonitorSet[] =>
  numerics.segments.flatMap((segment) =>
    Array.from({ length: segment.to - segment.from }, (_, i) => {
      const atMs = Math.round(startsAtMs + ((segment.from + i) / numerics.samplesPerSecond) * 1000);
      const numbers = segment.signals.map((signal) => numberAt(signal, i)).filter((number) => number !== null);
      return monitorSet(atMs, numbers, waves === null ? "none" : waveStateAt(waves, startsAtMs, atMs));
    }),
  );
