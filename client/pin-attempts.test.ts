import { describe, expect, it } from "vitest";
import { afterRightPin, afterWrongPin, isDestroyed, noAttempts, type PinAttempts, pinWaitMs } from "./pin-attempts.ts";

const wrongInARow = (count: number, userId = "u1", from: PinAttempts = noAttempts): PinAttempts =>
  Array.from({ length: count }).reduce<PinAttempts>((attempts) => afterWrongPin(attempts, userId, 0), from);

describe("wrong PINs", () => {
  it("are free four times, then wait 30 s and double, up to 15 minutes", () => {
    const waits = Array.from({ length: 12 }, (_, i) => pinWaitMs(wrongInARow(i + 1), "u1", 0) / 1000);
    expect(waits).toEqual([0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]);
  });

  it("destroy the person's unlock key at the tenth, not before, and nobody else's", () => {
    expect(isDestroyed(wrongInARow(9), "u1")).toBe(false);
    expect(isDestroyed(wrongInARow(10), "u1")).toBe(true);
    expect(isDestroyed(wrongInARow(10), "u2")).toBe(false);
  });

  it("do not keep a crewmate out, until the tablet has seen many of anybody", () => {
    expect(pinWaitMs(wrongInARow(9), "u2", 0)).toBe(0);
    let many = noAttempts;
    for (const userId of ["u1", "u2", "u3", "u4"]) many = wrongInARow(4, userId, many);
    expect(pinWaitMs(many, "u5", 0)).toBeGreaterThan(0);
  });

  it("are forgiven by a right one", () => {
    const forgiven = afterRightPin(wrongInARow(4), "u1");
    expect(pinWaitMs(wrongInARow(4, "u1", forgiven), "u1", 0)).toBe(0);
  });

  it("never wait longer than the longest, even when the clock was set back ten years", () => {
    const set = afterWrongPin(wrongInARow(8), "u1", Date.UTC(2036, 0));
    expect(pinWaitMs(set, "u1", Date.UTC(2026, 0))).toBe(900_000);
  });
});
