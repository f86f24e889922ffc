import { expect, test } from "vitest";
import { collectProblems } from "./problems.ts";

test("the first bad line is known of as many problems as there are lines", () => {
  const problems = collectProblems();
  expect(problems.firstBad()).toBe(Number.POSITIVE_INFINITY);
  problems.add("other-signer", null, null, "A head cannot be read.");
  expect(problems.firstBad()).toBe(Number.POSITIVE_INFINITY);
  for (let line = 400_000; line > 0; line -= 2) problems.add("changed", line, line, "It is another.");
  expect([problems.all().length, problems.firstBad()]).toEqual([200_001, 2]);
  // Those that go on from the one before are one with it.
  problems.add("changed", 3, 3, "It is another.");
  expect([problems.all().length, problems.firstBad()]).toEqual([200_001, 2]);
});
