import { describe, expect, test } from "vitest";
import { ageSexText } from "./age.ts";
import { formatNhsNumber, isMistypedNhsNumber, isValidNhsNumber } from "./nhs-number.ts";
import { nhsNumberText } from "./patient-words.ts";

describe("NHS number", () => {
  test.each([
    ["9000000009", true],
    ["9000000025", true],
    ["9434765919", true],
    ["9000000015", false],
    ["9434765918", false],
    ["1000000010", false],
    ["900000009", false],
    ["９000000009", false],
  ])("%s: %s", (digits, valid) => {
    expect(isValidNhsNumber(digits)).toBe(valid);
  });

  test("is called mistyped once it has its ten digits, with or without spaces, and not while it is typed", () => {
    expect(["900 000 0015", "9000000015"].map(isMistypedNhsNumber)).toEqual([true, true]);
    expect(["900 000 0009", "900 000 001", ""].map(isMistypedNhsNumber)).toEqual([false, false, false]);
  });

  test("is shown 3-3-4, and a wrong one is flagged and not hidden", () => {
    expect(formatNhsNumber("9000000009")).toBe("900 000 0009");
    expect(nhsNumberText({ identity: "stated", nhsNumber: { is: "9000000015" } })).toBe(
      "NHS 900 000 0015 (check digit does not match)",
    );
    expect(nhsNumberText({ identity: "stated", nhsNumber: { no: "not-asked" } })).toBe("NHS number not asked");
  });
});

describe("age and sex", () => {
  const at = "2026-03-01T12:00:00.000Z";
  test.each([
    [{ birthDate: "1953-03-01", gender: "female" }, "73 F"],
    [{ birthDate: "1953-03-02", gender: "female" }, "72 F"],
    [{ birthDate: "2024-03-01" }, "2"],
    [{ birthDate: "2024-03-02", gender: "male" }, "23 months M"],
    [{ birthDate: "2026-02-01" }, "1 month"],
    [{ birthDate: "2026-02-28" }, "1 day"],
    [{ birthDate: "2026-03-01" }, "0 days"],
    [{ birthDate: "2025-02-30", ageYears: 1 }, "1"],
    [{ birthDate: "2026-03-02" }, "age not known"],
    [{ ageYears: 0 }, "under 1"],
    [{ ageGroup: "adult", gender: "unknown" }, "adult"],
  ] as const)("%j is %s", ({ ...given }, text) => {
    const { birthDate, ...patient } = given as { birthDate?: string };
    expect(ageSexText({ identity: "stated", ...patient, ...(birthDate && { birthDate: { is: birthDate } }) }, at)).toBe(
      text,
    );
  });

  test("nothing known says so", () => expect(ageSexText(undefined, at)).toBe("age not known"));
});
