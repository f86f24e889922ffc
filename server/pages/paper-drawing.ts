import { printable } from "./printable.ts";

/** A4 in points, with room for a punch on the left. */
export const sheet = { left: 46, right: 30, top: 30, bottom: 30, width: 595.28, height: 841.89 };
export const sheetInner = sheet.width - sheet.left - sheet.right;
export const sheetInk = { text: "#111111", faint: "#555555", line: "#555555", band: "#e3e7ec" };

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
