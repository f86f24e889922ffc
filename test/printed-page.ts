import { spawnSync } from "node:child_process";
import type { Picture } from "#ui/film/read-symbol.ts";

/** A page of a PDF, from 1, as a camera that sees all of it would: 150 dots an inch, grey. By pdftoppm, Debian's poppler-utils. */
export const pictureOfPage = (pdf: Buffer, page: number): Picture => {
  const args = ["-r", "150", "-gray", "-f", String(page), "-l", String(page), "-"];
  const { stdout } = spawnSync("pdftoppm", args, { input: pdf, maxBuffer: 50_000_000 });
  const [, width, height] = /^P5\s+(\d+)\s+(\d+)\s+255\s/.exec(stdout.toString("latin1", 0, 40))!.map(Number);
  const pixels = stdout.subarray(stdout.length - width! * height!);
  const data = new Uint8ClampedArray(pixels.length * 4);
  for (const [i, value] of pixels.entries()) data.set([value, value, value, 255], i * 4);
  return { width: width!, height: height!, data };
};
