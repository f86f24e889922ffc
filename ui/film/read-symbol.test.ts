import { encode } from "uqr";
import { describe, expect, test } from "vitest";
import { type Picture, readSymbol } from "./read-symbol.ts";
import { symbolOf } from "./symbol.ts";

const modulePixels = 4;
const pictureOf = (symbol: readonly (readonly boolean[])[]): Picture => {
  const side = symbol.length * modulePixels;
  const data = new Uint8ClampedArray(side * side * 4).fill(255);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      if (symbol[Math.floor(y / modulePixels)]![Math.floor(x / modulePixels)])
        data.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3);
  return { width: side, height: side, data };
};
/** As another library draws it: what reads only its own library's symbols reads no camera's. */
const drawnByAnother = (bytes: Uint8Array, maskPattern: number) =>
  encode([...bytes], { ecc: "L", border: 4, boostEcc: false, maskPattern, minVersion: 10, maxVersion: 20 }).data;

describe.each([1, 230, 271, 272, 500, 858])("a symbol of %i bytes", (length) => {
  const bytes = Uint8Array.from({ length }, (_, i) => (i * 37 + length) % 256);

  test("is read as another library draws it, whatever its mask", () => {
    for (const mask of [0, 3, 7]) expect(readSymbol(pictureOf(drawnByAnother(bytes, mask)))).toEqual(bytes);
  });

  test("is drawn module for module as another library draws it", () => {
    expect(symbolOf(bytes)).toEqual(drawnByAnother(bytes, 0));
  });
});

test("a printed number, which a symbol holds as capitals and digits, is read as its text", () => {
  const number = "NM-48210001-007-98";
  const read = readSymbol(pictureOf(encode(number, { ecc: "Q", border: 4 }).data));
  expect(new TextDecoder().decode(read)).toBe(number);
});

test("a picture with no symbol reads as none", () => {
  expect(readSymbol(pictureOf(Array.from({ length: 60 }, () => Array.from({ length: 60 }, () => false))))).toBe(
    undefined,
  );
});
