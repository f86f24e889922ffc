import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { playDay } from "../../tools/drill/day.ts";
import { attacked } from "../../tools/drill/places.ts";
import { sizes } from "../sizes.ts";

/** Of the scenes that compare all that was ever saved. */
const judgedLast = ["normal again", "a restore by the officers' shares alone"];

test("the day is played, nothing is lost, twice, altered, forged or let through, and a planted loss is found", async () => {
  const scenes = await playDay({
    folder: mkdtempSync(join(tmpdir(), "holdfast-drill-")),
    tablets: sizes.drillTablets,
    everyMs: 1_000,
    patienceMs: 180_000,
    // The control: an entry that a base has acknowledged, and nobody has.
    beforeTheEnd: ({ ledger }) => {
      const id = crypto.randomUUID();
      const nobodys = { id, hash: "0".repeat(64), trust: attacked, deviceId: id, recordId: id };
      ledger.saved({ ...nobodys, savedAt: performance.now() });
      ledger.heard(new Map([[id, { at: "acknowledged", epoch: 2, position: 1 }]]));
    },
  });
  const found = Object.fromEntries(scenes.map(({ name, faults }) => [name, faults]));
  const expected = scenes.map(({ name }) => [name, judgedLast.includes(name) ? ["1 lost"] : []]);
  expect(found).toEqual(Object.fromEntries(expected));
  expect(scenes).toHaveLength(14);
  const skipped = scenes
    .filter(({ skipped }) => skipped !== undefined)
    .map(({ name, skipped }) => `${name}: ${skipped}`);
  for (const words of skipped) console.log(words);
  if (process.getuid?.() === 0) expect(skipped).toEqual([]);
});
