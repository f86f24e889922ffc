import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { encode } from "uqr";
import { printable } from "./printable.ts";

/** A4 in points, with room for a punch on the left. */
export const sheet = { left: 46, right: 30, top: 30, bottom: 30, width: 595.28, height: 841.89 };
export const sheetInner = sheet.width - sheet.left - sheet.right;
export const sheetInk = { text: "#111111", faint: "#555555", line: "#555555", band: "#e3e7ec" };

const require = createRequire(import.meta.url);
const font = (path: string): Buffer => readFileSync(require.resolve(`@expo-google-fonts/noto-sans/${path}.ttf`));

/** A new pack's document. `title` names no patient: there is none. */
export const openSheets = async (title: string): Promise<{ doc: PDFKit.PDFDocument; done: Promise<Buffer> }> => {
  const { default: PDFDocument } = await import("pdfkit");
  const doc = new PDFDocument({
    size: "A4",
    margin: 0,
    autoFirstPage: false,
    lang: "en-GB",
    info: { Title: title, Producer: "Holdfast", Creator: "Holdfast" },
  });
  const done = new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    doc.on("data", (chunk: Buffer) => chunks.push(chunk));
    doc.on("end", () => resolve(Buffer.concat(chunks)));
    doc.on("error", reject);
  });
  doc.registerFont("regular", font("400Regular/NotoSans_400Regular"));
  doc.registerFont("bold", font("700Bold/NotoSans_700Bold"));
  return { doc, done };
};

/** Text in a place, on one line, cut off rather than run over. */
export const put = (
  doc: PDFKit.PDFDocument,
  text: string,
  x: number,
  y: number,
  {
    width,
    size,
    bold = false,
    align = "left",
  }: { width: number; size: number; bold?: boolean; align?: "left" | "center" | "right" },
): void => {
  doc
    .font(bold ? "bold" : "regular")
    .fontSize(size)
    .fillColor(sheetInk.text);
  doc.text(printable(text), x, y, { width, height: size * 1.4, align, lineBreak: align !== "left", ellipsis: true });
};

/** A QR of the text with its quiet zone, `side` points wide; level Q, because paper gets wet and folded. */
export const putQr = (doc: PDFKit.PDFDocument, text: string, x: number, y: number, side: number): void => {
  const { data, size } = encode(text, { ecc: "Q", border: 4 });
  const module = side / size;
  doc.rect(x, y, side, side).fill("#ffffff");
  for (const [row, cells] of data.entries())
    for (const [column, isDark] of cells.entries())
      if (isDark) doc.rect(x + column * module, y + row * module, module, module);
  doc.fill("#000000");
};
