import { randomBytes } from "node:crypto";
import type pg from "pg";
import { expect, test } from "vitest";
import { createKeyRing } from "../sealing/key-ring.ts";
import { trustKeyOf } from "../sealing/trust-key.ts";
import { loadCareKeys } from "./care-keys.ts";

const keyRing = createKeyRing(trustKeyOf([randomBytes(32)], randomBytes(32), [randomBytes(32)]));
const [old, one, other] = ["a", "b", "c"].map((letter) => `0199d000-0000-7000-8000-00000000000${letter}`) as [
  string,
  string,
  string,
];

/** A database that has the old record's key, and nothing else. */
const databaseWith = (wrapped: Buffer): pg.ClientBase => {
  const query = async (text: string) => ({
    rows: text.includes("record_key") ? [{ record_id: old, wrapped }] : [{ record_id: other, through: "7" }],
  });
  return { query } as unknown as pg.ClientBase;
};

test("a record has one key however many are sealing at once, and it is stored once, if it sealed something", async () => {
  const known = keyRing.newRecordKey(old);
  const keys = await loadCareKeys(databaseWith(known.wrapped), keyRing, null);
  expect(keys.ended).toEqual(new Map([[other, 7]]));
  const [first, second] = [keys.of([old, one, other]), keys.of([one, other])];
  expect(first.get(old)!.equals(known.key)).toBe(true);
  expect(first.get(one)!.equals(second.get(one)!)).toBe(true);
  expect(first.get(one)!.equals(first.get(other)!)).toBe(false);

  const stored = keys.used([old, one]);
  expect(stored.map(({ recordId }) => recordId)).toEqual([one]);
  expect(keyRing.recordKey(one, stored[0]!.wrapped).key.equals(first.get(one)!)).toBe(true);
  // The next to store: this one's key is stored already, the other's sealed something for the first time.
  expect(keys.used([one, other]).map(({ recordId }) => recordId)).toEqual([other]);
  expect(keys.used([one, other])).toEqual([]);
  expect(keys.of([one]).get(one)!.equals(first.get(one)!)).toBe(true);
});
