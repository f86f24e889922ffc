import { type EcgFile, type EcgLead, ecgGap } from "./ecg-file.ts";

/**
 * Where everything on an ECG's paper goes, in millimetres from the top left: 25 mm/s and 10 mm/mV, small squares of 1 mm and
 * large ones of 5 mm. Screens and the printed page draw the same geometry.
 */
export const ecgLayouts = ["3x4", "6x2", "12x1"] as const;
export type EcgLayout = (typeof ecgLayouts)[number];
export const ecgLayoutNames: Record<EcgLayout, string> = { "3x4": "3 × 4 + rhythm", "6x2": "6 × 2", "12x1": "12 × 1" };

export const ecgScale = { millimetresPerSecond: 25, millimetresPerMillivolt: 10 } as const;
const standardLeads = ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6"];
const marginMm = 5;
/** The calibration pulse: 1 mV for 0.2 s, before the first strip of every row. */
const pulseMm = 10;
const rowMm = { "3x4": 25, "6x2": 20, "12x1": 15 } as const;
const headerMm = 10;
const footerMm = 8;
/** What one page holds of the recording, seconds. */
export const ecgPageSeconds = 10;

export interface EcgStrip {
  lead: string;
  /** Index into `ecg.leads`; null where this lead was not recorded, which is written in its place. */
  index: number | null;
  xMm: number;
  widthMm: number;
  /** Where 0 mV lies. */
  baselineMm: number;
  /** Foot of the lead's name. */
  labelMm: number;
  fromSecond: number;
}

export interface EcgPage {
  widthMm: number;
  heightMm: number;
  strips: EcgStrip[];
  /** One polyline a row, [x, y] in mm. */
  pulses: [number, number][][];
  /** Printed on the picture: speed, gain, filter, part of the recording. */
  legend: string;
}

const rowsOf = (ecg: EcgFile, layout: EcgLayout): string[][] => {
  const recorded = ecg.leads.map((lead) => lead.name);
  // A monitor's strip of two leads is no 12-lead: each lead then has a row of its own, and nothing is announced as missing.
  if (!standardLeads.some((lead) => lead.startsWith("V") && lead !== "V1" && recorded.includes(lead)))
    return recorded.slice(0, 12).map((lead) => [lead]);
  if (layout === "12x1") return standardLeads.map((lead) => [lead]);
  if (layout === "6x2") return standardLeads.slice(0, 6).map((lead, row) => [lead, standardLeads[row + 6]!]);
  return [...[0, 1, 2].map((row) => [0, 3, 6, 9].map((column) => standardLeads[column + row]!)), ["II"]];
};

/**
 * The page that shows the recording from `fromSecond` on. Columns follow each other in time as on paper: in 3×4 the second
 * column starts 2.5 s after the first.
 */
export const layOutEcg = (ecg: EcgFile, layout: EcgLayout, fromSecond = 0): EcgPage => {
  const rows = rowsOf(ecg, layout);
  const tall = rowMm[layout];
  const traceMm = ecgPageSeconds * ecgScale.millimetresPerSecond;
  const baselineOf = (row: number) => headerMm + row * tall + tall / 2 + 2.5;
  const strips = rows.flatMap((leads, row) =>
    leads.map((lead, column): EcgStrip => {
      const found = ecg.leads.findIndex((candidate) => candidate.name === lead);
      const widthMm = traceMm / leads.length;
      return {
        lead,
        index: found === -1 ? null : found,
        xMm: marginMm + pulseMm + column * widthMm,
        widthMm,
        baselineMm: baselineOf(row),
        labelMm: baselineOf(row) - Math.min(11.5, tall / 2),
        fromSecond: fromSecond + (column * ecgPageSeconds) / leads.length,
      };
    }),
  );
  const seconds = ecg.samplesPerLead / ecg.samplesPerSecond;
  const until = Math.min(seconds, fromSecond + ecgPageSeconds);
  return {
    widthMm: marginMm * 2 + pulseMm + traceMm,
    heightMm: headerMm + rows.length * tall + footerMm,
    strips,
    pulses: rows.map((_, row) => {
      const y = baselineOf(row);
      const up = y - ecgScale.millimetresPerMillivolt;
      const x = marginMm;
      return [
        [x, y],
        [x + 2.5, y],
        [x + 2.5, up],
        [x + 7.5, up],
        [x + 7.5, y],
        [x + pulseMm, y],
      ]; // prettier-ignore
    }),
    legend: `${ecgScale.millimetresPerSecond} mm/s · ${ecgScale.millimetresPerMillivolt} mm/mV · filter ${ecg.filter ?? "not stated"} · ${fromSecond.toFixed(1)}–${until.toFixed(1)} s of ${seconds.toFixed(1)} s`,
  };
};

/** What one column of pixels shows: the extremes of its samples, mV, or null where nothing was recorded. */
export type EcgColumn = { minMv: number; maxMv: number } | null;

/**
 * Extremes per column, so that no R peak is lost however narrow the picture. A column reaches to where the next begins:
 * neighbouring columns then touch, and the trace has no breaks that the recording does not have. Where there are fewer samples
 * than columns, the columns between two samples lie on the line that joins them.
 */
export const columnsOf = (
  lead: EcgLead,
  samplesPerSecond: number,
  span: { fromSecond: number; seconds: number; columns: number },
): EcgColumn[] => {
  const perColumn = (span.seconds * samplesPerSecond) / span.columns;
  const start = span.fromSecond * samplesPerSecond;
  const millivolts = (i: number): number | null => {
    const value = lead.samples[i];
    return value === undefined || value === ecgGap ? null : (value - lead.zero) / lead.unitsPerMillivolt;
  };
  const between = (at: number): number | null => {
    const before = millivolts(Math.floor(at));
    const after = millivolts(Math.ceil(at));
    return before === null || after === null ? null : before + (after - before) * (at - Math.floor(at));
  };
  return Array.from({ length: span.columns }, (_, column): EcgColumn => {
    const from = start + column * perColumn;
    const values = [between(from), between(from + perColumn)];
    for (let i = Math.ceil(from); i <= from + perColumn; i++) values.push(millivolts(i));
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : { minMv: Math.min(...known), maxMv: Math.max(...known) };
  });
};

/** The page as SVG path data per strip, in millimetres: for the printed page, and wherever there is no canvas. */
export const stripPath = (ecg: EcgFile, strip: EcgStrip, pointsPerMm = 8): string => {
  const lead = strip.index === null ? undefined : ecg.leads[strip.index];
  if (!lead) return "";
  const columns = Math.round(strip.widthMm * pointsPerMm);
  const seconds = strip.widthMm / ecgScale.millimetresPerSecond;
  const y = (mv: number) => (strip.baselineMm - mv * ecgScale.millimetresPerMillivolt).toFixed(2);
  let pen = "M";
  let path = "";
  columnsOf(lead, ecg.samplesPerSecond, { fromSecond: strip.fromSecond, seconds, columns }).forEach((column, i) => {
    const x = (strip.xMm + i / pointsPerMm).toFixed(2);
    if (column === null) pen = "M";
    else {
      path += `${pen}${x} ${y(column.maxMv)}L${x} ${y(column.minMv)}`;
      pen = "L";
    }
  });
  return path;
};
