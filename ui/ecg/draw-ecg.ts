import type { EcgFile } from "#monitoring/ecg-file.ts";
import { columnsOf, type EcgPage, type EcgStrip, ecgScale } from "#monitoring/ecg-layout.ts";

/** Colours as the theme's CSS gives them. */
export interface EcgInk {
  paper: string;
  minor: string;
  major: string;
  trace: string;
  words: string;
  font: string;
}

interface Pen {
  canvas: CanvasRenderingContext2D;
  /** Device pixels per millimetre of paper. */
  scale: number;
  ink: EcgInk;
}

const drawGrid = ({ canvas, scale, ink }: Pen, page: EcgPage) => {
  canvas.fillStyle = ink.paper;
  canvas.fillRect(0, 0, canvas.canvas.width, canvas.canvas.height);
  // Below 2 pixels a square the small grid is a grey veil: only the large squares are drawn then.
  const steps = scale < 2 ? [5] : [1, 5];
  for (const step of steps) {
    canvas.beginPath();
    canvas.strokeStyle = step === 5 ? ink.major : ink.minor;
    // The closer its lines, the fainter the small grid: the trace must be read first.
    canvas.globalAlpha = step === 5 ? 1 : Math.min(1, (scale - 1) / 6);
    canvas.lineWidth = 1;
    for (let x = 0; x <= page.widthMm; x += step) {
      canvas.moveTo(Math.round(x * scale) + 0.5, 0);
      canvas.lineTo(Math.round(x * scale) + 0.5, page.heightMm * scale);
    }
    for (let y = 0; y <= page.heightMm; y += step) {
      canvas.moveTo(0, Math.round(y * scale) + 0.5);
      canvas.lineTo(page.widthMm * scale, Math.round(y * scale) + 0.5);
    }
    canvas.stroke();
  }
  canvas.globalAlpha = 1;
};

const drawStrip = ({ canvas, scale, ink }: Pen, ecg: EcgFile, strip: EcgStrip) => {
  const lead = strip.index === null ? undefined : ecg.leads[strip.index];
  if (!lead) return;
  const columns = Math.round(strip.widthMm * scale);
  const seconds = strip.widthMm / ecgScale.millimetresPerSecond;
  const left = Math.round(strip.xMm * scale);
  const y = (mv: number) => (strip.baselineMm - mv * ecgScale.millimetresPerMillivolt) * scale;
  canvas.beginPath();
  canvas.strokeStyle = ink.trace;
  let down = false;
  columnsOf(lead, ecg.samplesPerSecond, { fromSecond: strip.fromSecond, seconds, columns }).forEach((column, i) => {
    if (column === null) {
      down = false;
      return;
    }
    if (down) canvas.lineTo(left + i, y(column.maxMv));
    else canvas.moveTo(left + i, y(column.maxMv));
    canvas.lineTo(left + i, y(column.minMv));
    down = true;
  });
  canvas.stroke();
};

/** Under the traces: a label may be crossed by a QRS complex, and never hides one. */
const drawLabel = ({ canvas, scale, ink }: Pen, strip: EcgStrip) => {
  const label = strip.index === null ? `${strip.lead} not recorded` : strip.lead;
  canvas.fillStyle = ink.words;
  canvas.fillText(label, (strip.xMm + 1) * scale, strip.labelMm * scale);
};

/** Draws one page. `scale` is device pixels per millimetre; `sizeWords` says whether the picture is life size. */
export const drawEcg = (
  canvas: CanvasRenderingContext2D,
  ecg: EcgFile,
  page: EcgPage,
  { scale, ink, sizeWords }: { scale: number; ink: EcgInk; sizeWords: string },
) => {
  const pen = { canvas, scale, ink };
  drawGrid(pen, page);
  canvas.lineJoin = "round";
  canvas.lineWidth = Math.max(1.5, 0.3 * scale);
  canvas.font = `700 ${Math.max(11, 3.4 * scale)}px ${ink.font}`;
  canvas.strokeStyle = ink.trace;
  for (const pulse of page.pulses) {
    canvas.beginPath();
    for (const [x, y] of pulse) canvas.lineTo(x * scale, y * scale);
    canvas.stroke();
  }
  for (const strip of page.strips) drawLabel(pen, strip);
  for (const strip of page.strips) drawStrip(pen, ecg, strip);
  canvas.fillStyle = ink.words;
  canvas.font = `500 ${Math.max(11, 3.2 * scale)}px ${ink.font}`;
  canvas.fillText(`${page.legend} · ${sizeWords}`, 5 * scale, (page.heightMm - 2.5) * scale);
};
