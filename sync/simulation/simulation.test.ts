import { describe, expect, test } from "vitest";
import { sizes } from "#test/sizes.ts";
import { plantedBugs } from "./planted/planted.ts";
import { keptSeeds } from "./seeds.ts";
import { simulate } from "./simulate.ts";

const seeds = Number(process.env.HOLDFAST_SEEDS ?? sizes.seeds);
const plantedSeedsMax = 2_000;
/** Generous: a limit for a run that hangs, not a measure of speed. */
const timeoutMs = 120_000 + seeds * 200;

describe("simulation", () => {
  test(`[S01]–[S15] and [S20] hold in ${seeds} seeds`, { timeout: timeoutMs }, async () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const { violations, trace } = await simulate(seed);
      if (violations.length > 0) expect.fail(`seed ${seed}: ${violations.join("; ")}\n${trace.join("\n")}`);
    }
  });

  test("seeds that once failed hold now", async () => {
    for (const { seed, found } of keptSeeds) {
      const { violations } = await simulate(seed);
      expect(violations, `seed ${seed}, which once found: ${found}`).toEqual([]);
    }
  });

  test("a seed says everything: the same run twice is the same", async () => {
    for (const seed of [3, 77]) expect(await simulate(seed)).toEqual(await simulate(seed));
  });

  test.for(Object.entries(plantedBugs))("finds the bug that %s", { timeout: timeoutMs }, async ([name, planted]) => {
    for (let seed = 1; seed <= plantedSeedsMax; seed++) {
      const { violations } = await simulate(seed, { planted });
      if (violations.length === 0) continue;
      console.log(`planted: ${name}: found by seed ${seed}: ${violations[0]}`);
      return;
    }
    expect.fail(`${plantedSeedsMax} seeds did not find the bug that ${name}`);
  });
});
