import { expect, test } from "vitest";
import { keepLines } from "./kept-lines.ts";
import type { OpenedLines } from "./open-lines.ts";

/** Lines of records, a letter each, as a segment has them. */
const segment = (records: string): Pick<OpenedLines, "opened" | "runs"> => ({
  opened: Buffer.from(records),
  runs: [...records.matchAll(/(.)\1*/g)].map(({ 0: run, index, 1: recordId }) => ({
    recordId,
    start: index,
    end: index + run.length,
  })),
});
const first = segment("abba");
const second = segment("bbc");
const taken = (runs: Buffer[] | undefined): string[] | undefined => runs?.map(String);

test("a record's lines come back whole, in order, over segments, and once", () => {
  const kept = keepLines();
  for (const each of [first, second]) kept.add(each);
  expect(taken(kept.take("b"))).toEqual(["bb", "bb"]);
  expect(taken(kept.take("a"))).toEqual(["a", "a"]);
  expect([kept.take("a"), kept.take("d")]).toEqual([undefined, undefined]);
});

test("a record of which a line has no room is not there, and the others are", () => {
  const kept = keepLines(500);
  for (const each of [first, second, segment("b")]) kept.add(each);
  expect([kept.take("b"), kept.take("c")]).toEqual([undefined, undefined]);
  expect(taken(kept.take("a"))).toEqual(["a", "a"]);
});

test("a record of a segment that was stored in part is not there", () => {
  const kept = keepLines();
  kept.add(first);
  kept.skip(second);
  kept.add(segment("b"));
  expect(kept.take("b")).toBeUndefined();
  expect(taken(kept.take("a"))).toEqual(["a", "a"]);
});
