import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
/** Noto Sans: Latin, Greek and Cyrillic, so that a name prints as it is spelt. Read once. */
let fonts: { regular: Buffer; bold: Buffer } | undefined;
const loadFonts = () => {
  fonts ??= {
    regular: readFileSync(require.resolve("@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf")),
    bold: readFileSync(require.resolve("@expo-google-fonts/noto-sans/700Bold/NotoSans_700Bold.ttf")),
  };
  return fonts;
};

/**
 * A new A4 document with the fonts `regular` and `bold`; `done` is its bytes once it has ended. `title` is shown where the page is
 * not: it names no patient.
 */
export const openPdf = async (
  title: string,
  layout: PDFKit.PDFDocumentOptions,
): Promise<{ doc: PDFKit.PDFDocument; done: Promise<Buffer> }> => {
  // Loaded with the first page: 15 MB that a server without pages does without.
  const { default: PDFDocument } = await import("pdfkit");
  const info = { Title: title, Producer: "Holdfast", Creator: "Holdfast" };
  const doc = new PDFDocument({ ...layout, size: "A4", lang: "en-GB", info });
  const done = new Promise<Buffer>((resolve, reject) => {
    const chunks: Buffer[] = [];
    doc.on("data", (chunk: Buffer) => chunks.push(chunk));
    doc.on("end", () => resolve(Buffer.concat(chunks)));
    doc.on("error", reject);
  });
  const { regular, bold } = loadFonts();
  doc.registerFont("regular", regular).registerFont("bold", bold);
  return { doc, done };
};
