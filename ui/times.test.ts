import { describe, expect, test } from "vitest";
import { clockTime, clockTimeSeenFrom, plainDate } from "./times.ts";

describe("clock time in London", () => {
  test("summer is an hour ahead of UTC, winter is not", () => {
    expect(clockTime("2026-07-01T13:31:00.000Z")).toBe("14:31");
    expect(clockTime("2026-12-01T14:31:00.000Z")).toBe("14:31");
  });

  test("the hour that the autumn change repeats names its zone, and only that hour", () => {
    expect(clockTime("2026-10-24T23:59:00.000Z")).toBe("00:59");
    expect(clockTime("2026-10-25T00:30:00.000Z")).toBe("01:30 BST");
    expect(clockTime("2026-10-25T01:30:00.000Z")).toBe("01:30 GMT");
    expect(clockTime("2026-10-25T02:00:00.000Z")).toBe("02:00");
  });

  test("the spring change skips an hour and repeats none", () => {
    expect(clockTime("2026-03-29T00:59:00.000Z")).toBe("00:59");
    expect(clockTime("2026-03-29T01:00:00.000Z")).toBe("02:00");
  });

  test("another day is named, but not the evening before", () => {
    const now = Date.parse("2026-10-25T08:00:00.000Z");
    expect(clockTimeSeenFrom("2026-10-25T07:00:00.000Z", now)).toBe("07:00");
    expect(clockTimeSeenFrom("2026-10-24T22:58:00.000Z", now)).toBe("23:58");
    expect(clockTimeSeenFrom("2026-10-24T12:00:00.000Z", now)).toContain("24 Oct");
  });

  test("text that is no time says so", () => expect(clockTime("soon")).toBe("time not known"));

  test("a date of birth keeps its day in any zone", () => expect(plainDate("1954-03-14")).toBe("14 Mar 1954"));
});
