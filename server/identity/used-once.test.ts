import { expect, test } from "vitest";
import { useServer } from "#test/set-up.ts";
import { createUsedOnce, usedOnceInMemory } from "./used-once.ts";

const server = useServer();
const poolOf = () => server.cells.get("northmoor")!.pools.identity;
const inAMinute = () => Date.now() + 60_000;

test("what was used in one process is used in every other, each use by itself, also by two at once", async () => {
  const [one, other] = [createUsedOnce(poolOf()), createUsedOnce(poolOf())];
  expect(await one.take("challenge", "a", inAMinute())).toBe(true);
  expect(await other.take("challenge", "a", inAMinute())).toBe(false);
  expect(await other.take("assertion", "a", inAMinute())).toBe(true);
  const takes = await Promise.all([one, other, one, other].map((each) => each.take("challenge", "b", inAMinute())));
  expect(takes.filter((isFirst) => isFirst)).toHaveLength(1);
  // What each process remembers for itself would have let it in twice.
  expect([
    await usedOnceInMemory().take("challenge", "a", 0),
    await usedOnceInMemory().take("challenge", "a", 0),
  ]).toEqual([true, true]);
});

test("what is over is swept out with the next", async () => {
  const usedOnce = createUsedOnce(poolOf());
  await usedOnce.take("challenge", "long over", Date.now() - 3_600_000);
  await usedOnce.take("challenge", "new", inAMinute());
  const { rows } = await poolOf().query("SELECT count(*)::int AS over FROM used_once WHERE ends < now()");
  expect(rows).toEqual([{ over: 0 }]);
});
