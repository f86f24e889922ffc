import type { EcgFile } from "#monitoring/ecg-file.ts";
import { layOutEcg, stripPath } from "#monitoring/ecg-layout.ts";

const pointsPerMm = 72 / 25.4;

/**
 * The first ten seconds on the usual paper, made to fit the width and therefore not to scale; the legend says so, because a
 * ruler on it would lie.
 */
export const drawEcg = (
  doc: PDFKit.PDFDocument,
  ecg: EcgFile,
  place: { left: number; width: number; bottom: number },
): void => {
  const page = layOutEcg(ecg, "3x4");
  const scale = place.width / page.widthMm;
  const height = page.heightMm * scale;
  if (doc.y + height > place.bottom) doc.addPage();
  const top = doc.y;
  doc.save().translate(place.left, top).scale(scale);
  for (const [step, width] of [
    [1, 0.05],
    [5, 0.18],
  ] as const) {
    for (let x = 0; x <= page.widthMm; x += step) doc.moveTo(x, 0).lineTo(x, page.heightMm);
    for (let y = 0; y <= page.heightMm; y += step) doc.moveTo(0, y).lineTo(page.widthMm, y);
    doc.lineWidth(width).strokeColor("#e8a9a9").stroke();
  }
  doc.lineWidth(0.25).strokeColor("#000000").lineJoin("round");
  for (const pulse of page.pulses)
    doc.path(pulse.map(([x, y], at) => `${at === 0 ? "M" : "L"}${x} ${y}`).join("")).stroke();
  for (const strip of page.strips) {
    const path = stripPath(ecg, strip, 4);
    if (path !== "") doc.path(path).stroke();
    doc.font("bold").fontSize(4).fillColor("#000000");
    const label = strip.index === null ? `${strip.lead}: not recorded` : strip.lead;
    doc.text(label, strip.xMm + 1, strip.labelMm - 3, { lineBreak: false });
  }
  const percent = Math.round((scale / pointsPerMm) * 100);
  doc
    .font("regular")
    .fontSize(4)
    .text(`${page.legend} · printed at ${percent} %: do not measure`, 5, page.heightMm - 6, { lineBreak: false });
  doc.restore();
  doc.x = place.left;
  doc.y = top + height + 6;
};
