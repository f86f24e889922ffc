import fc from "fast-check";
import { expect, test } from "vitest";
import { entry as schema } from "#domain/entry/entry.ts";
import { chainStart, DraftRefused, sealEntry, utf8Length } from "./chain.ts";
import { cheapHash, cheapRandom } from "./simulation/cheap.ts";
import { createRng } from "./simulation/scheduler.ts";
import { draftOf } from "./simulation/world.ts";

const recordId = "00000000-0000-7000-8000-000000000001";
const sealing = {
  deviceId: "00000000-0000-7000-8000-000000000002",
  clock: { nowMs: () => Date.UTC(2026, 0, 15, 10), timeZone: () => "Europe/London" },
  random: cheapRandom(createRng(1)),
  hash: cheapHash,
  serverOffset: { offsetMs: -12.5, measuredAtMs: Date.UTC(2026, 0, 15, 9) },
};

test("an entry is canonical JSON, keeps the digits of a decimal, and says how well its clock was known", async () => {
  const { entry, text, hash } = await sealEntry(draftOf(recordId, "note", "36.0"), chainStart, sealing);
  expect(schema.safeParse(JSON.parse(text)).success).toBe(true);
  expect(Object.keys(JSON.parse(text))).toEqual(Object.keys(JSON.parse(text)).sort());
  expect(text).toContain('"body":{"text":"36.0"}');
  expect(hash).toBe(cheapHash(text));
  expect(entry.prev).toBeNull();
  expect(entry.recorded).toMatchObject({ serverOffsetMs: -12, serverOffsetAgeMs: 3_600_000 });
});

test("the next entry names the one before, and equal drafts have different hashes", async () => {
  const first = await sealEntry(draftOf(recordId, "note", "same"), chainStart, sealing);
  const second = await sealEntry(draftOf(recordId, "note", "same"), { n: 2, prev: first.hash }, sealing);
  expect(second.entry).toMatchObject({ n: 2, prev: first.hash });
  expect(second.hash).not.toBe(first.hash);
});

test("a draft that is too large is refused with what to do", async () => {
  const sealed = sealEntry(draftOf(recordId, "note", "x".repeat(64_000)), chainStart, sealing);
  await expect(sealed).rejects.toThrow(DraftRefused);
  await expect(sealed).rejects.toThrow(/attach the rest as a blob/);
});

test("bytes of UTF-8 are counted as an encoder makes them", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "é", "☂", "🚑", "\ud83d", "\ude91")), (pieces) => {
      const text = pieces.join("");
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length);
    }),
  );
});
