import type { WfdbRecord } from "./wfdb.ts";

/** What the ECG did around an instant: beats or at least movement, a flat line with leads on, or nothing recorded. */
export type WaveState = "living" | "flat" | "none";

/** How far back a monitor's number looks, seconds; asystole shows within this. */
const windowSeconds = 10;
/** Below this swing a line is flat, mV: the usual limit for asystole on a monitor. */
const flatMv = 0.1;

/** Judges the ECG leads of a recording that began at `startsAtMs`. One living lead is enough; flat needs every recorded lead flat. */
export const waveStateAt = (record: WfdbRecord, startsAtMs: number, atMs: number): WaveState => {
  const to = Math.round(((atMs - startsAtMs) / 1000) * record.samplesPerSecond);
  const from = to - Math.round(windowSeconds * record.samplesPerSecond);
  const states = new Set<WaveState>();
  const swing = new Map<string, { lowest: number; highest: number; samples: number; stepMv: number }>();
  for (const segment of record.segments) {
    for (const signal of segment.signals) {
      if (signal.unit !== "mV") continue;
      const seen = swing.get(signal.name) ?? { lowest: Infinity, highest: -Infinity, samples: 0, stepMv: 0 };
      swing.set(signal.name, seen);
      seen.stepMv = Math.max(seen.stepMv, 1 / signal.gain);
      const start = Math.max(from, segment.from) - segment.from;
      const end = Math.min(to, segment.to) - segment.from;
      for (let i = start; i < end; i++) {
        if (signal.gaps.some((gap) => i >= gap.from && i < gap.to)) continue;
        const millivolts = (signal.samples[i]! - signal.baseline) / signal.gain;
        seen.lowest = Math.min(seen.lowest, millivolts);
        seen.highest = Math.max(seen.highest, millivolts);
        seen.samples++;
      }
    }
  }
  for (const { lowest, highest, samples, stepMv } of swing.values()) {
    // With half of the window missing nobody can call a line flat.
    if (samples * 2 < to - from) states.add("none");
    else states.add(highest - lowest < Math.max(flatMv, 2 * stepMv) ? "flat" : "living");
  }
  if (states.has("living")) return "living";
  return states.has("flat") && !states.has("none") ? "flat" : "none";
};
