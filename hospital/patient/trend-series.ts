import type { Vital } from "#domain/observations/observations.ts";
import { vitalWords } from "#domain/observations/words.ts";
import type { LineOf } from "#domain/record.ts";

export interface TrendPoint {
  atMs: number;
  value: number;
}
export interface TrendSeries {
  vital: Vital;
  title: string;
  unit: string;
  points: TrendPoint[];
}

const plotted: Vital[] = ["respirations", "spo2", "systolic", "pulse", "heartRate", "temperature"];

/** The vitals of the chart over time, each reading at its own time; one that was measured once makes no trend. */
export const trendSeries = (sets: readonly LineOf<"observations">[]): TrendSeries[] =>
  plotted
    .map((vital) => ({
      vital,
      title: vitalWords[vital].short,
      unit: vitalWords[vital].unit,
      points: sets
        .flatMap(({ entry, known }) => {
          const reading = known.body[vital];
          if (!reading || !("value" in reading)) return [];
          return [{ atMs: Date.parse(reading.at ?? entry.occurredAt), value: Number(reading.value) }];
        })
        .sort((a, b) => a.atMs - b.atMs),
    }))
    .filter(({ points }) => points.length > 1);

export interface Plot {
  width: number;
  height: number;
  fromMs: number;
  toMs: number;
}

/** Where the points fall in a plot of this size; a flat line is drawn in its middle. */
export const placePoints = (points: readonly TrendPoint[], { width, height, fromMs, toMs }: Plot) => {
  const values = points.map((point) => point.value);
  const low = Math.min(...values);
  const span = Math.max(...values) - low;
  return points.map(({ atMs, value }) => ({
    x: ((atMs - fromMs) / (toMs - fromMs || 1)) * width,
    y: span === 0 ? height / 2 : height - ((value - low) / span) * height,
    value,
  }));
};
