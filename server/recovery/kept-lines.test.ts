import { expect, test } from "vitest";
import type { ArchivedLine } from "../archive/segment.ts";
import { keepLines } from "./kept-lines.ts";

const lineOf = (position: number, recordId: string): ArchivedLine => ({
  epoch: 1,
  position,
  received: new Date(position).toISOString(),
  deviceId: null,
  hash: "ab".repeat(32),
  signature: null,
  recordId,
  text: `å ${position}`,
});
const bytesOf = (lines: readonly ArchivedLine[]): Buffer =>
  Buffer.from(lines.map((line) => JSON.stringify(line)).join("\n"));
const first = [lineOf(1, "a"), lineOf(2, "b"), lineOf(3, "a")];
const second = [lineOf(4, "b"), lineOf(5, "c")];

test("a record's lines come back whole, in order, over segments, and once", () => {
  const kept = keepLines();
  for (const lines of [first, second]) kept.add(lines, bytesOf(lines));
  expect(kept.take("b")).toEqual([lineOf(2, "b"), lineOf(4, "b")]);
  expect(kept.take("a")).toEqual([lineOf(1, "a"), lineOf(3, "a")]);
  expect([kept.take("a"), kept.take("d")]).toEqual([undefined, undefined]);
});

test("of a segment in part, the first lines alone are kept", () => {
  const kept = keepLines();
  kept.add(first.slice(0, 2), bytesOf(first));
  expect(kept.take("a")).toEqual([lineOf(1, "a")]);
});

test("a record of which a line has no room is not there, and the others are", () => {
  const kept = keepLines(bytesOf(first).length);
  for (const lines of [first, second]) kept.add(lines, bytesOf(lines));
  expect([kept.take("b"), kept.take("c")]).toEqual([undefined, undefined]);
  expect(kept.take("a")).toHaveLength(2);
});
