import type { Page } from "@playwright/test";
import { readSymbol } from "#ui/film/read-symbol.ts";
import { type Held, pictureOf, writeFilm } from "../camera.ts";
import { expect } from "./expect.ts";

/** The frames of the film that a page shows, as they are drawn there, from where it is on; `count` places of it. */
export const framesShown = async (page: Page, label: RegExp, count: number): Promise<Uint8Array[]> => {
  await expect(page.getByRole("img", { name: label })).toBeVisible();
  const drawn = await page.getByRole("img", { name: label }).evaluate(async (element, wanted) => {
    const canvas = element as HTMLCanvasElement;
    const bySlot = new Map<number, { side: number; dark: string }>();
    const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    while (bySlot.size < wanted) {
      const slot = Number(canvas.dataset.slot ?? -1);
      if (slot >= 0 && !bySlot.has(slot)) {
        const { width: side } = canvas;
        const { data } = canvas.getContext("2d")!.getImageData(0, 0, side, side);
        let dark = "";
        for (let i = 0; i < data.length; i += 4) dark += data[i]! < 128 ? "1" : "0";
        bySlot.set(slot, { side, dark });
      }
      await nextFrame();
    }
    return [...bySlot].sort(([a], [b]) => a - b).map(([, each]) => each);
  }, count);
  return drawn.map(({ side, dark }) => {
    const data = new Uint8ClampedArray(side * side * 4).fill(255);
    for (let i = 0; i < dark.length; i++) if (dark[i] === "1") data.fill(0, i * 4, i * 4 + 3);
    const bytes = readSymbol({ width: side, height: side, data });
    if (bytes === undefined) throw new Error("what the page draws is no symbol");
    return bytes;
  });
};

/** A tablet's film from its first symbol on, which is before the others however far the film has gone when it is looked at. */
export const filmShown = async (page: Page, label: RegExp, count: number): Promise<Uint8Array[]> => {
  await page.getByRole("button", { name: "Hold the first symbol" }).click();
  await expect(page.getByRole("img", { name: label })).toHaveAttribute("data-slot", "0");
  const [first] = await framesShown(page, label, 1);
  await page.getByRole("button", { name: "Play the film" }).click();
  const frames = await framesShown(page, label, count);
  return Buffer.from(first!).equals(frames[0]!) ? frames : [first!, ...frames];
};

/** The place of the film that the page draws next. */
export const nextSlot = (page: Page, label: RegExp): Promise<number> =>
  page.getByRole("img", { name: label }).evaluate(
    (element) =>
      new Promise<number>((resolve) => {
        const observer = new MutationObserver(() => {
          observer.disconnect();
          resolve(Number((element as HTMLElement).dataset.slot));
        });
        observer.observe(element, { attributeFilter: ["data-slot"] });
      }),
  );

/** How hands hold a tablet: of ten frames three are missed, others are turned, blurred, or not in the middle. */
const byHand: readonly (Held | "missed")[] = [
  { degrees: 2 },
  "missed",
  { degrees: -7, module: 5, offset: [40, -20] },
  { blur: 2 },
  "missed",
  { degrees: 11, module: 5 },
  { blur: 3, degrees: 3 },
  { module: 5.5, offset: [-60, 10] },
  "missed",
  { degrees: -3, blur: 1 },
];

/** Six pictures a second, each a frame of the film as a hand holds it. */
export const filmByHand = (path: string, frames: readonly Uint8Array[]): void =>
  writeFilm(
    path,
    (function* () {
      for (const [at, bytes] of frames.entries()) {
        const held = byHand[at % byHand.length]!;
        yield held === "missed" ? pictureOf(undefined, { seed: at + 1 }) : pictureOf(bytes, { ...held, seed: at + 1 });
      }
    })(),
    6,
  );
