import { expect, test } from "vitest";
import { arrestIsRunning, noteArrest } from "./arrest.ts";

test("an arrest runs until its record says it is over, or another record without one is opened", () => {
  expect(arrestIsRunning()).toBe(false);
  noteArrest("a", true);
  expect(arrestIsRunning()).toBe(true);
  noteArrest("a", false);
  expect(arrestIsRunning()).toBe(false);
  noteArrest("a", true);
  noteArrest("b", false);
  expect(arrestIsRunning()).toBe(false);
});
