import { encodeQR } from "qr";

/** Dark modules by row, with the quiet border that a reader needs. */
export type QrSymbol = readonly (readonly boolean[])[];

/**
 * The symbol of a film's frame: error correction L, because a frame that cannot be read is followed by another. The bytes are
 * sealed and look like nothing, so that any mask is as good as the best, and finding that would take a tablet's whole second.
 */
export const symbolOf = (bytes: Uint8Array): QrSymbol =>
  encodeQR("", "raw", {
    ecc: "low",
    encoding: "byte",
    textEncoder: () => bytes,
    border: 4,
    mask: 0,
    ...(bytes.length <= leastBytes && { version: leastVersion }),
  });

/** A film's short frames are no smaller than this, so that its symbols do not jump in size; what level L of it holds. */
const leastVersion = 10;
const leastBytes = 271;

/** More than any screen shows of a module: the browser then makes even edges of it. */
const modulePixels = 10;

/** Draws it black on white in every theme, over the whole canvas. */
export const drawSymbol = (canvas: HTMLCanvasElement, symbol: QrSymbol): void => {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const side = symbol.length * modulePixels;
  if (canvas.width !== side) canvas.width = canvas.height = side;
  context.fillStyle = "#fff";
  context.fillRect(0, 0, side, side);
  context.fillStyle = "#000";
  for (const [y, row] of symbol.entries())
    for (const [x, isDark] of row.entries())
      if (isDark) context.fillRect(x * modulePixels, y * modulePixels, modulePixels, modulePixels);
};
