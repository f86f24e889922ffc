import { expect, test } from "vitest";
import { dayOf, endOf } from "./last-day.ts";

const noon = "2026-11-23T12:00:00.000Z";

test("a last day lasts to its end, and can be set and taken away", () => {
  expect(endOf("2026-11-23", undefined)).toBe("2026-11-23T23:59:59.000Z");
  expect(endOf("2026-11-24", noon)).toBe("2026-11-24T23:59:59.000Z");
  expect(endOf("", noon)).toBeUndefined();
  expect(endOf("", undefined)).toBeUndefined();
});

test("whoever was ended at noon stays ended when something else about them is changed", () =>
  expect(endOf(dayOf(noon), noon)).toBe(noon));
