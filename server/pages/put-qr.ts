import { type ErrorCorrection, encodeQR } from "qr";

interface QrPlace {
  x: number;
  y: number;
  /** Points, with the quiet zone. */
  side: number;
  ecc: ErrorCorrection;
  /** Modules of quiet zone. */
  border: number;
}

/** More than a module is wide, points: without it readers of the page show hairlines between dark ones. */
const overlap = 0.05;

/** A QR code of the text, black on white. */
export const putQr = (doc: PDFKit.PDFDocument, text: string, { x, y, side, ecc, border }: QrPlace): void => {
  const modules = encodeQR(text, "raw", { ecc, border });
  const module = side / modules.length;
  doc.rect(x, y, side, side).fill("#ffffff");
  for (const [row, cells] of modules.entries())
    for (const [column, isDark] of cells.entries())
      if (isDark) doc.rect(x + column * module, y + row * module, module + overlap, module + overlap);
  doc.fill("#000000");
};
