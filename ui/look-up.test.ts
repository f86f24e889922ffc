import { describe, expect, test } from "vitest";
import { findBy } from "#protocol/find.ts";
import { noLookUp, readLookUp } from "./look-up.ts";

const reason = "Patient is in front of me";

describe("what is typed to look a patient up", () => {
  test("is an NHS number with or without its spaces, or a surname with a date of birth", () => {
    expect(readLookUp({ ...noLookUp, nhsNumber: "999 000 0018", reason: ` ${reason} ` })).toEqual({
      by: { nhsNumber: "9990000018" },
      reason,
    });
    const named = readLookUp({ ...noLookUp, by: "name", familyName: " O'Neill ", birthDate: "14/3/1954", reason });
    expect(named).toEqual({ by: { familyName: "O'Neill", birthDate: "1954-03-14" }, reason });
    expect(findBy.safeParse("by" in named && named.by).success).toBe(true);
  });

  test.each([
    [{ nhsNumber: "999 000" }, "ten digits"],
    [{ by: "name", birthDate: "14 03 1954" }, "surname"],
    [{ by: "name", familyName: "Hill", birthDate: "30 02 1954" }, "date of birth"],
    [{ nhsNumber: "9990000018", reason: "" }, "Say why"],
  ] as const)("is not sent while something is missing: %j", (typed, words) => {
    expect(readLookUp({ ...noLookUp, reason, ...typed })).toEqual({ lacks: expect.stringContaining(words) });
  });
});
