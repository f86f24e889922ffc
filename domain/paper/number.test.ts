import { describe, expect, test } from "vitest";
import { basePack, machineOf, machinePack, paperNumberText, readPaperNumber } from "./number.ts";

const numbers = [
  { letters: "NM", pack: basePack("4821", 1), form: 1 },
  { letters: "WV", pack: basePack("9999", 9999), form: 200 },
  { letters: "NM", pack: machinePack("482109375", 3), form: 17 },
  { letters: "AZ", pack: machinePack("000000000", 999), form: 100 },
].map(paperNumberText);
const signs = [..."0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
const isRead = (text: string): boolean => "number" in readPaperNumber(text);

describe("a form's number", () => {
  test("is read as it was written, with or without hyphens, in any case", () => {
    for (const text of numbers) {
      expect(readPaperNumber(text)).toMatchObject({ text });
      expect(readPaperNumber(` ${text.replaceAll("-", " ").toLowerCase()}\n`)).toMatchObject({ text });
    }
  });

  test("every single wrong character is found: all places, all characters", () => {
    let tried = 0;
    for (const text of numbers.map((each) => each.replaceAll("-", "")))
      for (let at = 0; at < text.length; at++)
        for (const sign of signs) {
          if (sign === text[at]) continue;
          tried += 1;
          expect(isRead(text.slice(0, at) + sign + text.slice(at + 1)), `${text} with ${sign} at ${at}`).toBe(false);
        }
    expect(tried).toBe(35 * (15 + 15 + 20 + 20));
  });

  test("every swap of two neighbours is found", () => {
    for (const text of numbers.map((each) => each.replaceAll("-", "")))
      for (let at = 1; at < text.length; at++) {
        const swapped = text.slice(0, at - 1) + text[at] + text[at - 1] + text.slice(at + 1);
        expect(isRead(swapped), `${text} swapped at ${at}`).toBe(swapped === text);
      }
  });

  /**
   * The proof for all numbers, not only those above. The remainder is linear: a wrong digit at a place changes it by
   * (a − b) · 10^k, a wrong letter by (a − b) · 10^k too, swapped digits by 9 (a − b) · 10^k, swapped letters by
   * 99 (a − b) · 10^k. None may be a multiple of 97, for any k that a number is long, nor for any pair a, b.
   */
  test("and no place and no pair of characters escapes it in any number", () => {
    const powers = Array.from({ length: 24 }, (_, k) => 10n ** BigInt(k));
    for (const power of powers)
      for (let a = 0n; a <= 35n; a++)
        for (let b = 0n; b <= 35n; b++) {
          if (a === b) continue;
          expect(((a - b) * power) % 97n).not.toBe(0n);
          expect((9n * (a - b) * power) % 97n).not.toBe(0n);
          expect((99n * (a - b) * power) % 97n).not.toBe(0n);
        }
  });

  test("packs of the base and of machines have different lengths, so neither is ever the other's", () => {
    expect(machineOf(basePack("9123", 34))).toBeUndefined();
    expect(machineOf(machinePack("482109375", 3))).toBe("482109375");
    const texts = new Set<string>();
    for (const letters of ["NM", "WV"])
      for (const pack of [basePack("4821", 1), basePack("4821", 2), basePack("4822", 1), machinePack("000000001", 1)])
        for (let form = 1; form <= 200; form++) texts.add(paperNumberText({ letters, pack, form }));
    expect(texts.size).toBe(2 * 4 * 200);
  });

  test("form 000 is no form", () => {
    expect(readPaperNumber(paperNumberText({ letters: "NM", pack: basePack("4821", 1), form: 0 }))).toEqual({
      fault: "shape",
    });
  });
});
