import { describe, expect, test } from "vitest";
import { readBirthDate } from "./birth-date.ts";

describe("a typed date of birth", () => {
  test.each(["14 03 1954", "14/3/1954", "14-03-1954", "14.3.1954", "14031954", "1954-03-14"])(
    "%s is 14 March 1954",
    (typed) => expect(readBirthDate(typed)).toBe("1954-03-14"),
  );
  test("the day comes first, always", () => expect(readBirthDate("03/04/1954")).toBe("1954-04-03"));
  test.each(["", "14 03", "30 02 1954", "14/13/1954", "March 1954", "14 03 54"])("%s is not one yet", (typed) =>
    expect(readBirthDate(typed)).toBeUndefined(),
  );
});
