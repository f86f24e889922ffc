import { describe, expect, test } from "vitest";
import { fold } from "#domain/record.ts";
import type { FormularyItem } from "#protocol/enrolment.ts";
import { favouriteDrug } from "./favourite.ts";

const spray: FormularyItem = {
  drug: "Glyceryl trinitrate",
  presentation: "400 micrograms/dose spray",
  routes: ["SL"],
  doses: [
    { value: "400", unit: "ug" },
    { value: "800", unit: "ug" },
  ],
  allergens: ["nitrates"],
};
const parts = { formulary: [spray], record: fold([]), deviceId: "d", at: "2026-11-22T14:31:00.000Z", arrest: false };

describe("a drug of one tap", () => {
  test("asks where allergies were never answered", () =>
    expect(favouriteDrug(/^glyceryl/i, parts)).toEqual({ ask: "Glyceryl trinitrate" }));

  test("in an arrest it is recorded at once, with what the guards would have said, and no dose is made up", () => {
    const favourite = favouriteDrug(/^glyceryl/i, { ...parts, arrest: true });
    expect(favourite).toMatchObject({ give: { drug: "Glyceryl trinitrate", route: "SL" } });
    expect(favourite).not.toHaveProperty("give.dose");
    expect(favourite).toHaveProperty("give.overrides.0.reason", "given in cardiac arrest");
  });

  test("a formulary without it opens the drug's screen", () =>
    expect(favouriteDrug(/^amiodarone/i, parts)).toEqual({ ask: undefined }));
});
