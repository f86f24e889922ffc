import { describe, expect, test } from "vitest";
import type { FormularyItem } from "#protocol/enrolment.ts";
import { chooseDrug, chooseItem, drugBody, drugNames, emptyDrug } from "./drug-state.ts";

const weak: FormularyItem = {
  drug: "Adrenaline",
  presentation: "1 mg/10 ml",
  routes: ["IV", "IO"],
  doses: [{ value: "1", unit: "mg" }],
  allergens: [],
};
const strong: FormularyItem = {
  ...weak,
  presentation: "1 mg/1 ml",
  routes: ["IM"],
  doses: [{ value: "500", unit: "ug" }],
};
const aspirin: FormularyItem = {
  drug: "Aspirin",
  routes: ["oral"],
  doses: [{ value: "300", unit: "mg" }],
  allergens: ["aspirin"],
};
const formulary = [strong, weak, aspirin];

describe("giving a drug", () => {
  test("each name is listed once, in the formulary's order", () =>
    expect(drugNames(formulary)).toEqual(["Adrenaline", "Aspirin"]));

  test("what leaves no choice is filled in", () => {
    const form = chooseDrug(emptyDrug, formulary, "Aspirin");
    expect(drugBody(form, [])).toEqual({
      drug: "Aspirin",
      givenBy: "author",
      dose: { value: "300", unit: "mg" },
      route: "oral",
    });
  });

  test("two presentations are a choice that is never made for the crew, and a dose never crosses from one to the other", () => {
    const form = chooseDrug(emptyDrug, formulary, "Adrenaline");
    expect(form.item).toBeNull();
    expect(form.dose).toBeNull();
    const picked = chooseItem(chooseItem(form, strong), weak);
    expect(drugBody(picked, [])).toMatchObject({ presentation: "1 mg/10 ml", dose: { value: "1", unit: "mg" } });
    expect(picked.route).toBeNull();
  });

  test("a guard that spoke is recorded with what it said and the answer, or that there was none", () => {
    const form = {
      ...chooseDrug(emptyDrug, formulary, "Aspirin"),
      passed: { "Allergy recorded: Aspirin.": "told it is nausea only" },
    };
    const guards = [
      { guard: "allergy" as const, message: "Allergy recorded: Aspirin." },
      { guard: "repeat" as const, message: "Aspirin was given at 14:20." },
    ];
    expect(drugBody(form, guards)?.overrides).toEqual([
      { guard: "allergy: Allergy recorded: Aspirin.", reason: "told it is nausea only" },
      { guard: "repeat: Aspirin was given at 14:20.", reason: "no reason given" },
    ]);
  });

  test("a drug outside the formulary is recorded by its name alone; none at all is not", () => {
    expect(drugBody({ ...emptyDrug, drug: " Oral glucose gel " }, [])).toEqual({
      drug: "Oral glucose gel",
      givenBy: "author",
    });
    expect(drugBody(emptyDrug, [])).toBeNull();
  });
});
