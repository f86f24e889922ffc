import { expect, test } from "vitest";
import { keysIn, keysText } from "./keys-text.ts";

const key = { kty: "EC", kid: "1", crv: "P-384", x: "x", y: "y" } as const;

test("a key set, a list of keys and one key by itself are read alike; what else a key says is left out", () => {
  for (const pasted of [{ keys: [{ ...key, use: "sig" }] }, [key], key])
    expect(keysIn(JSON.stringify(pasted))).toEqual([key]);
  expect(keysIn(keysText([key]))).toEqual([key]);
});

test.each([
  ["", "no JSON"],
  ["null", "Each key needs"],
  ['{"keys":[]}', "Each key needs"],
  ['{"kty":"oct","kid":"1","k":"x"}', "Each key needs"],
])("%s is answered with what to do", (pasted, words) => {
  expect(() => keysIn(pasted)).toThrow(words);
});
