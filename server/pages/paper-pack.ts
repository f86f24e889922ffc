import { numbersOfPack } from "#domain/paper/number.ts";
import type { Contact } from "#protocol/downtime.ts";
import { paperSteps } from "#sharing/paper/layout.ts";
import { openPdf } from "./open-pdf.ts";
import { put, sheet, sheetInk, sheetInner } from "./paper-drawing.ts";
import { drawForm } from "./paper-form.ts";
import { printable } from "./printable.ts";

export interface PaperPack {
  trustName: string;
  /** `NM-48210001`. */
  pack: string;
  forms: number;
  printedAt: string;
  /** As the trust's desk has them; undefined where the base was not asked: lines to write them in are printed instead. */
  contacts: readonly Contact[] | undefined;
  /** The base does not know of this pack yet. */
  isAlone: boolean;
}

/**
 * A pack of downtime forms as a PDF: a cover to sign it out with, what to do and whom to call, and two pages a form. Nothing of a
 * patient is in it. `onForm` is told after each form.
 */
export const paperPackPdf = async (pack: PaperPack, onForm: (done: number) => void = () => {}): Promise<Buffer> => {
  const { doc, done } = await openPdf(`Downtime forms, pack ${pack.pack}`, { margin: 0, autoFirstPage: false });
  const numbers = numbersOfPack(pack);
  drawCover(doc, pack, numbers);
  drawWhatToDo(doc, pack);
  for (const [i, number] of numbers.entries()) {
    drawForm(doc, { number, trustName: pack.trustName, form: i + 1, of: numbers.length });
    onForm(i + 1);
    // A long pack must not hold up whatever else this process does.
    if (i % 20 === 19) await new Promise(setImmediate);
  }
  doc.end();
  return done;
};

type Doc = PDFKit.PDFDocument;
const row = 16.5;

const drawCover = (
  doc: Doc,
  { trustName, pack, forms, printedAt, isAlone }: PaperPack,
  numbers: readonly string[],
): void => {
  let y = coverHead(doc, `${trustName} · Downtime forms`, `Pack ${pack}`);
  put(doc, `${forms} forms. Printed ${printedAt.slice(0, 16).replace("T", " ")} UTC.`, sheet.left, y, {
    width: sheetInner,
    size: 10,
  });
  y += 18;
  if (isAlone) {
    put(
      doc,
      `Printed without the base. When it is back, the desk makes pack ${pack} with ${forms} forms known.`,
      sheet.left,
      y,
      {
        width: sheetInner,
        size: 10,
        bold: true,
      },
    );
    y += 18;
  }
  const ask = ["Signed out to (vehicle or call sign)", "Person", "Date, time", "By"];
  for (const [i, label] of ask.entries()) {
    const width = sheetInner / ask.length;
    doc
      .rect(sheet.left + i * width, y, width, 34)
      .lineWidth(0.6)
      .strokeColor(sheetInk.line)
      .stroke();
    put(doc, label, sheet.left + i * width + 3, y + 2, { width: width - 6, size: 7 });
  }
  y += 44;
  put(doc, "Tick what became of each: U used · V void · B brought back blank", sheet.left, y, {
    width: sheetInner,
    size: 9,
    bold: true,
  });
  y += 16;
  const isLong = numbers[0]!.length > 20;
  const columns = isLong ? 2 : 3;
  const perPage = () => Math.floor((sheet.height - sheet.bottom - y) / row) * columns;
  let from = 0;
  while (from < numbers.length) {
    const these = numbers.slice(from, from + perPage());
    const rows = Math.ceil(these.length / columns);
    for (const [i, number] of these.entries()) {
      const width = sheetInner / columns;
      const x = sheet.left + Math.floor(i / rows) * width;
      const top = y + (i % rows) * row;
      put(doc, number, x, top, { width: width - 62, size: isLong ? 9 : 10 });
      for (const [at, tick] of ["U", "V", "B"].entries()) {
        doc
          .rect(x + width - 60 + at * 19, top + 2, 9, 9)
          .lineWidth(0.6)
          .strokeColor(sheetInk.line)
          .stroke();
        put(doc, tick, x + width - 50 + at * 19, top + 2, { width: 10, size: 6 });
      }
    }
    from += these.length;
    if (from < numbers.length) y = coverHead(doc, `${trustName} · Downtime forms`, `Pack ${pack}, more numbers`);
  }
};

const coverHead = (doc: Doc, above: string, title: string): number => {
  doc.addPage();
  put(doc, above, sheet.left, sheet.top, { width: sheetInner, size: 11 });
  put(doc, title, sheet.left, sheet.top + 16, { width: sheetInner, size: 28, bold: true });
  return sheet.top + 62;
};

const contactLines = 8;

const drawWhatToDo = (doc: Doc, { trustName, pack, contacts }: PaperPack): void => {
  let y = coverHead(doc, `${trustName} · Pack ${pack}`, "What to do on paper");
  for (const [i, step] of paperSteps.entries()) {
    doc.font("regular").fontSize(12).fillColor(sheetInk.text);
    const text = printable(`${i + 1}. ${step}`);
    doc.text(text, sheet.left, y, { width: sheetInner });
    y += doc.heightOfString(text, { width: sheetInner }) + 7;
  }
  y += 10;
  put(doc, "Whom to call, in this order", sheet.left, y, { width: sheetInner, size: 16, bold: true });
  y += 28;
  const rows = contacts ?? Array.from({ length: contactLines }, () => ({ who: "", how: "" }));
  for (const { who, how, when } of rows as readonly Contact[]) {
    for (const [x, width, text, bold] of [
      [0, 0.34, who, true],
      [0.34, 0.3, how, true],
      [0.64, 0.36, when ?? "", false],
    ] as const) {
      doc
        .rect(sheet.left + x * sheetInner, y, width * sheetInner, 26)
        .lineWidth(0.6)
        .strokeColor(sheetInk.line)
        .stroke();
      put(doc, text, sheet.left + x * sheetInner + 5, y + 6, { width: width * sheetInner - 8, size: 10, bold });
    }
    y += 26;
  }
  if (rows.length === 0) put(doc, "The desk has named nobody yet.", sheet.left, y, { width: sheetInner, size: 11 });
};
