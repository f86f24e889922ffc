import { type PaperBox, type PaperLine, paperPages } from "#sharing/paper/layout.ts";
import { put, sheet, sheetInk, sheetInner } from "./paper-drawing.ts";
import { putQr } from "./put-qr.ts";

type Doc = PDFKit.PDFDocument;

export interface PrintedForm {
  number: string;
  trustName: string;
  /** 1-based, of how many in the pack. */
  form: number;
  of: number;
}

const qrSide = 66;
const headHeight = 70;

/** The two pages of one form, with its number in large print and as a QR on each. */
export const drawForm = (doc: Doc, form: PrintedForm): void => {
  for (const [at, lines] of paperPages.entries()) {
    doc.addPage();
    drawHead(doc, form, at + 1);
    let y = sheet.top + headHeight;
    for (const line of lines) y = drawLine(doc, line, y);
    if (y > sheet.height - sheet.bottom + 0.5) throw new Error(`page ${at + 1} of a form ends at ${y} points`);
  }
};

const drawHead = (doc: Doc, { number, trustName, form, of }: PrintedForm, page: number): void => {
  const qr = { x: sheet.left + sheetInner - qrSide, y: sheet.top - 6, side: qrSide };
  // A quarter of it may be gone: paper gets wet and folded.
  putQr(doc, number, { ...qr, ecc: "quartile", border: 4 });
  const width = sheetInner - qrSide - 8;
  put(doc, `${trustName} · Downtime form`, sheet.left, sheet.top - 4, { width, size: 9 });
  put(doc, number, sheet.left, sheet.top + 8, { width, size: number.length > 20 ? 22 : 26, bold: true });
  const place = `Form ${form} of ${of}, page ${page} of ${paperPages.length}. Keep every form; the desk counts numbers.`;
  put(doc, place, sheet.left, sheet.top + 46, { width, size: 8 });
};

const drawLine = (doc: Doc, line: PaperLine, y: number): number => {
  if (line.line === "heading") {
    doc.rect(sheet.left, y + 2, sheetInner, 13).fill(sheetInk.band);
    put(doc, line.text, sheet.left + 4, y + 3, { width: sheetInner - 8, size: 8, bold: true });
    return y + 15;
  }
  if (line.line === "boxes") {
    let x = sheet.left;
    for (const each of line.boxes) {
      drawBox(doc, each, x, y, line.height);
      x += each.width * sheetInner;
    }
    return y + line.height;
  }
  return line.line === "grid" ? drawGrid(doc, line, y) : drawScore(doc, y);
};

const frame = (doc: Doc, x: number, y: number, width: number, height: number): void => {
  doc.rect(x, y, width, height).lineWidth(0.6).strokeColor(sheetInk.line).stroke();
};

const drawBox = (
  doc: Doc,
  { label, width: part, ticks, cells }: PaperBox,
  x: number,
  y: number,
  height: number,
): void => {
  const width = part * sheetInner;
  frame(doc, x, y, width, height);
  put(doc, label, x + 3, y + 1, { width: width - 6, size: 6.5 });
  if (ticks) {
    const step = (width - 6) / ticks.length;
    for (const [i, tick] of ticks.entries()) {
      frame(doc, x + 3 + i * step, y + height - 12, 9, 9);
      put(doc, tick, x + 14 + i * step, y + height - 12.5, { width: step - 11, size: 7 });
    }
  }
  if (cells) {
    const step = (width - 6) / cells;
    for (let i = 0; i < cells; i++) frame(doc, x + 3 + i * step, y + 10, step, height - 12);
  }
};

const drawGrid = (doc: Doc, grid: Extract<PaperLine, { line: "grid" }>, y: number): number => {
  const lefts = grid.widths.map((_, i) => grid.widths.slice(0, i).reduce((sum, width) => sum + width, 0));
  const cell = (column: number, top: number, height: number, text: string, bold: boolean): void => {
    const x = sheet.left + lefts[column]! * sheetInner;
    const width = grid.widths[column]! * sheetInner;
    frame(doc, x, top, width, height);
    put(doc, text, x + 3, top + 2, { width: width - 5, size: 6.8, bold });
  };
  for (const [column, text] of grid.head.entries()) cell(column, y, 12, text, true);
  for (const [i, label] of grid.rows.entries())
    for (const column of grid.widths.keys())
      cell(column, y + 12 + i * grid.height, grid.height, column === 0 ? label : "", false);
  return y + 12 + grid.rows.length * grid.height;
};

/** Royal College of Physicians, NEWS2 (2017), its rows and colours: 0 white, 1 yellow, 2 orange, 3 red. */
const scoreColours = ["#ffffff", "#fff2a8", "#ffcf8a", "#f6a6a0"];
const scoreHead = ["NEWS2 · 16 and over, not pregnant", "3", "2", "1", "0", "1", "2", "3"];
const scorePoints = [3, 2, 1, 0, 1, 2, 3];
const scoreRows: readonly (readonly string[])[] = [
  ["Breaths /min", "8 or less", "", "9–11", "12–20", "", "21–24", "25 or more"],
  ["SpO2 scale 1 %", "91 or less", "92–93", "94–95", "96 or more", "", "", ""],
  ["SpO2 scale 2 %", "83 or less", "84–85", "86–87", "88–92, on air 93+", "93–94 on O2", "95–96 on O2", "97+ on O2"],
  ["Air or oxygen", "", "oxygen", "", "air", "", "", ""],
  ["Systolic mmHg", "90 or less", "91–100", "101–110", "111–219", "", "", "220 or more"],
  ["Pulse /min", "40 or less", "", "41–50", "51–90", "91–110", "111–130", "131 or more"],
  ["Consciousness", "", "", "", "Alert", "", "", "C V P U"],
  ["Temperature °C", "35.0 or less", "", "35.1–36.0", "36.1–38.0", "38.1–39.0", "39.1 or more", ""],
];

const drawScore = (doc: Doc, top: number): number => {
  const first = 0.23;
  const step = (1 - first) / 7;
  const height = 13.5;
  for (const [i, row] of [scoreHead, ...scoreRows].entries())
    for (const [column, text] of row.entries()) {
      const x = sheet.left + (column === 0 ? 0 : first + (column - 1) * step) * sheetInner;
      const width = (column === 0 ? first : step) * sheetInner;
      const y = top + i * height;
      if (column > 0 && (i === 0 || text !== ""))
        doc.rect(x, y, width, height).fill(scoreColours[scorePoints[column - 1]!]!);
      frame(doc, x, y, width, height);
      put(doc, text, x + 2, y + 2, { width: width - 3, size: 6.4, bold: i === 0 || column === 0 });
    }
  const foot =
    "National Early Warning Score (NEWS) 2 © Royal College of Physicians 2017. C is new confusion. 5 or 6: urgent. 7 or more: emergency. Any single 3: urgent.";
  put(doc, foot, sheet.left, top + 9 * height + 1, { width: sheetInner, size: 6 });
  return top + 9 * height + 11;
};
