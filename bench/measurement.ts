import { availableParallelism, loadavg } from "node:os";

/** One figure: every run's value, and the limit that the same machine reached in turns with them, where there is one. */
export interface Measurement {
  name: string;
  unit: string;
  /** Which way is better; a ratio is turned so that 1 is at the limit and larger is better. */
  better: "more" | "less";
  runs: number[];
  /** What the same machine does at best, measured in the same run, in turns with `runs`. */
  limits?: number[];
  /** What was asked for, in words. */
  goal?: string;
  /** What the reader should know: sizes, what else was seen. */
  note?: string;
}

export interface BenchOptions {
  /** Stored beforehand, where a measurement asks for many. */
  entries?: number;
}
export type Bench = (options: BenchOptions) => Promise<Measurement[]>;

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** Nearest-rank percentile; p in 0–100. */
export const percentile = (values: readonly number[], p: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)]!;
};

/** Median of the ratios of interleaved pairs, so that a slow spell hits both sides alike. */
export const ratioOf = ({ runs, limits, better }: Measurement): number | undefined =>
  limits && median(runs.map((run, i) => (better === "more" ? run / limits[i]! : limits[i]! / run)));

/** Why a limit is more than twice off what this kind of machine reached at rest (two cores, 2026-11), or nothing. */
export const offLimit = (limits: readonly number[], atRest: number): string => {
  const factor = median(limits) / atRest;
  if (factor > 0.5 && factor < 2) return "";
  const load = loadavg()[0]!.toFixed(1);
  return `; the limit is ${factor.toFixed(1)} × the ${atRest} of a two-core machine at rest: ${availableParallelism()} cores here, load average ${load}, which only a limit taken in turns allows for`;
};

/** Runs measure and limit in turns. */
export const interleaved = async (
  turns: number,
  measure: () => Promise<number>,
  limit: () => Promise<number>,
): Promise<{ runs: number[]; limits: number[] }> => {
  const runs: number[] = [];
  const limits: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    limits.push(await limit());
    runs.push(await measure());
  }
  return { runs, limits };
};
