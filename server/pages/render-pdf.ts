import type { EcgFile } from "#monitoring/ecg-file.ts";
import type { PageBlock, PageModel, PageRow, PageTable } from "#sharing/page/page-model.ts";
import { drawEcg } from "./draw-ecg.ts";
import { openPdf } from "./open-pdf.ts";
import { printable } from "./printable.ts";
import { putQr } from "./put-qr.ts";

/** A4 in points, with room for a punch on the left and the patient's line at the foot of every page. */
const paper = { left: 48, right: 36, top: 64, bottom: 62, width: 595.28, height: 841.89 };
const inner = paper.width - paper.left - paper.right;
const ink = { text: "#111111", faint: "#555555", line: "#999999", band: "#e9edf2", warning: "#8a1212" };
const size = { title: 16, heading: 11.5, text: 8.8, small: 7.6 };
const pad = 3;

/**
 * The page model as a PDF.
 *
 * @param ecgs decoded recordings by the SHA-256 of their blob; one that is missing is said to be missing
 */
export const renderPdf = async (model: PageModel, ecgs: ReadonlyMap<string, EcgFile>): Promise<Buffer> => {
  const margins = { left: paper.left, right: paper.right, top: paper.top, bottom: paper.bottom };
  const title = model.demonstration ? `${model.title} (demonstration)` : model.title;
  const { doc, done } = await openPdf(title, { margins, bufferPages: true });
  doc.font("bold").fontSize(size.title).fillColor(ink.text).text(printable(model.title));
  doc.font("regular").fontSize(size.text).text(printable(model.asOf)).moveDown(0.4);
  for (const block of model.blocks) draw(doc, block, ecgs);
  markPages(doc, model);
  doc.end();
  return done;
};

type Doc = PDFKit.PDFDocument;

const draw = (doc: Doc, block: PageBlock, ecgs: ReadonlyMap<string, EcgFile>): void => {
  doc.x = paper.left;
  if (block.block === "warning") drawWarning(doc, block.lines);
  else if (block.block === "facts") drawFacts(doc, block);
  else if (block.block === "table") drawTable(doc, block);
  else if (block.block === "code") drawCode(doc, block);
  else drawRecording(doc, block, ecgs.get(block.sha256));
};

const drawRecording = (doc: Doc, { heading }: { heading: string }, ecg: EcgFile | undefined): void => {
  drawHeading(doc, heading, 120);
  if (ecg) drawEcg(doc, ecg, { left: paper.left, width: inner, bottom: paper.height - paper.bottom });
  else
    doc
      .font("regular")
      .fontSize(size.text)
      .text("Not drawn here: the recording has not arrived at the base, or this page holds too many.");
};

/** Points of the code's side: a module of version 15 is half a millimetre, which any camera reads. */
const codePoints = 130;

const drawCode = (doc: Doc, { text, words }: { text: string; words: string }): void => {
  needRoom(doc, codePoints + 16);
  const top = doc.y;
  putQr(doc, text, { x: paper.left, y: top, side: codePoints, ecc: "medium", border: 2 });
  doc
    .fillColor(ink.text)
    .font("regular")
    .fontSize(size.small)
    .text(words, paper.left, top + codePoints + 2, { width: inner });
  doc.moveDown(0.6);
};

const room = (doc: Doc): number => paper.height - paper.bottom - doc.y;
const needRoom = (doc: Doc, points: number): void => {
  if (room(doc) < points) doc.addPage();
};

const drawWarning = (doc: Doc, lines: readonly string[]): void => {
  if (lines.length === 0) return;
  const text = printable(lines.join("\n"));
  doc.font("bold").fontSize(size.heading);
  const height = doc.heightOfString(text, { width: inner - 16 }) + 10;
  needRoom(doc, height);
  doc.rect(paper.left, doc.y, inner, height).lineWidth(1.2).strokeColor(ink.warning).stroke();
  doc.fillColor(ink.warning).text(text, paper.left + 8, doc.y + 5, { width: inner - 16 });
  doc.fillColor(ink.text).moveDown(0.7);
};

const drawHeading = (doc: Doc, heading: string, roomBelow = 60): void => {
  needRoom(doc, roomBelow);
  doc.moveDown(0.6).font("bold").fontSize(size.heading).fillColor(ink.text);
  doc.text(printable(heading), paper.left, doc.y, { width: inner }).moveDown(0.25);
};

const drawFacts = (doc: Doc, block: Extract<PageBlock, { block: "facts" }>): void => {
  drawHeading(doc, block.heading);
  const labelWidth = inner * 0.22;
  for (const { label, lines } of block.facts) {
    const text = printable(lines.join("\n"));
    const width = inner - labelWidth;
    const labelHeight = doc
      .font("bold")
      .fontSize(size.text)
      .heightOfString(printable(label), { width: labelWidth - 8 });
    const textHeight = doc.font("regular").heightOfString(text, { width });
    const height = Math.max(labelHeight, textHeight) + 2 * pad;
    needRoom(doc, Math.min(height, 400));
    const y = doc.y;
    doc
      .moveTo(paper.left, y)
      .lineTo(paper.left + inner, y)
      .lineWidth(0.4)
      .strokeColor(ink.line)
      .stroke();
    doc
      .font("bold")
      .fontSize(size.text)
      .text(printable(label), paper.left, y + pad, { width: labelWidth - 8 });
    doc.font("regular").text(text, paper.left + labelWidth, y + pad, { width });
    doc.y = Math.max(doc.y, y + height);
  }
};

const drawTable = (doc: Doc, table: PageTable): void => {
  drawHeading(doc, table.heading, 80);
  drawHead(doc, table);
  for (const row of table.rows) {
    const cells = row.cells.map(printable);
    const height = rowHeight(doc, table, cells);
    const noteHeight = row.note
      ? doc.fontSize(size.small).heightOfString(printable(row.note), { width: inner - 12 }) + pad
      : 0;
    if (room(doc) < Math.min(height + noteHeight, 300)) {
      doc.addPage();
      drawHead(doc, table);
    }
    drawRow(doc, table, row, cells, height);
  }
};

const drawHead = (doc: Doc, { columns }: PageTable): void => {
  doc.font("bold").fontSize(size.small);
  const height =
    Math.max(...columns.map(({ title, width }) => doc.heightOfString(title, { width: inner * width - 2 * pad }))) +
    2 * pad;
  const y = doc.y;
  doc.rect(paper.left, y, inner, height).fill(ink.band).fillColor(ink.text);
  let x = paper.left;
  for (const { title, width } of columns) {
    doc.text(printable(title), x + pad, y + pad, { width: inner * width - 2 * pad });
    x += inner * width;
  }
  doc.y = y + height;
};

const rowHeight = (doc: Doc, { columns }: PageTable, cells: readonly string[]): number => {
  doc.font("regular").fontSize(size.text);
  const heights = cells.map((cell, at) => doc.heightOfString(cell, { width: inner * columns[at]!.width - 2 * pad }));
  return Math.max(...heights) + 2 * pad;
};

const drawRow = (doc: Doc, { columns }: PageTable, row: PageRow, cells: readonly string[], height: number): void => {
  const y = doc.y;
  const page = doc.bufferedPageRange().count;
  doc
    .moveTo(paper.left, y)
    .lineTo(paper.left + inner, y)
    .lineWidth(0.4)
    .strokeColor(ink.line)
    .stroke();
  doc
    .font("regular")
    .fontSize(size.text)
    .fillColor(row.struck ? ink.faint : ink.text);
  let x = paper.left;
  // A cell that is longer than the page runs on to the next; the row then ends where its last cell does.
  let bottom = y + height;
  for (const [at, cell] of cells.entries()) {
    const width = inner * columns[at]!.width;
    if (doc.bufferedPageRange().count === page) doc.y = y + pad;
    doc.text(cell, x + pad, doc.y, { width: width - 2 * pad, ...(row.struck && { strike: true }) });
    if (doc.bufferedPageRange().count > page) bottom = doc.y + pad;
    x += width;
  }
  doc.y = bottom;
  doc.fillColor(ink.text);
  if (!row.note) return;
  doc
    .font("bold")
    .fontSize(size.small)
    .text(printable(row.note), paper.left + 12, doc.y, { width: inner - 12 });
  doc.y += pad;
};

/** Head and foot of every page: whose record, which page of how many, and the demonstration's mark. */
const markPages = (doc: Doc, model: PageModel): void => {
  const { start, count } = doc.bufferedPageRange();
  for (let page = 0; page < count; page++) {
    doc.switchToPage(start + page);
    // Below the margin pdfkit would start a page of its own.
    doc.page.margins.bottom = 0;
    const line = { width: inner, height: 12, ellipsis: true, lineBreak: false };
    if (model.demonstration) {
      doc.rect(paper.left, 20, inner, 18).fill(ink.warning);
      doc.font("bold").fontSize(10).fillColor("#ffffff");
      doc.text("DEMONSTRATION: invented patient, not for care", paper.left, 22, {
        ...line,
        align: "center",
        lineBreak: true,
      });
    }
    doc.fillColor(ink.text).font("bold").fontSize(size.text);
    doc.text(printable(model.patient), paper.left, paper.top - 22, line);
    const foot = paper.height - 44;
    doc
      .moveTo(paper.left, foot - 4)
      .lineTo(paper.left + inner, foot - 4)
      .lineWidth(0.6)
      .strokeColor(ink.line)
      .stroke();
    doc.font("bold").fontSize(size.small).text(printable(model.patient), paper.left, foot, line);
    doc.font("regular").text(printable(model.reference), paper.left, foot + 11, line);
    if (model.fromStandby !== undefined)
      doc.font("bold").text(printable(model.fromStandby), paper.left, foot + 22, line);
    doc.font("regular");
    doc.text(`Page ${page + 1} of ${count}`, paper.left, foot + 11, { ...line, align: "right", lineBreak: true });
  }
};
