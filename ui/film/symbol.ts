import { encode } from "uqr";

/** Dark modules by row, with the quiet border that a reader needs. */
export type QrSymbol = readonly (readonly boolean[])[];

/**
 * The symbol of a film's frame: error correction L, because a frame that cannot be read is followed by another. The bytes are
 * sealed and look like nothing, so that any mask is as good as the best, and finding that would take a tablet's whole second.
 */
export const symbolOf = (bytes: Uint8Array): QrSymbol =>
  encode([...bytes], { ecc: "L", border: 4, boostEcc: false, maskPattern: 0, minVersion: 10, maxVersion: 20 }).data;

/** Draws it black on white in every theme, as large as the canvas, in whole pixels. */
export const drawSymbol = (canvas: HTMLCanvasElement, symbol: QrSymbol): void => {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const { width, height } = canvas;
  const module = Math.max(1, Math.floor(Math.min(width, height) / symbol.length));
  const from = Math.floor((Math.min(width, height) - module * symbol.length) / 2);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.fillStyle = "#000";
  for (const [y, row] of symbol.entries())
    for (const [x, isDark] of row.entries())
      if (isDark) context.fillRect(from + x * module, from + y * module, module, module);
};
