import { describe, expect, test } from "vitest";
import type { KnownEntry } from "#domain/kinds.ts";
import type { FormularyItem } from "#protocol/enrolment.ts";
import { finishChips, withChip } from "./finish-chips.ts";

const entry = (kind: string, body: object) => ({ kind, body }) as unknown as KnownEntry;
const weak: FormularyItem = {
  drug: "Adrenaline",
  presentation: "1 mg/10 ml",
  routes: ["IV", "IO"],
  doses: [{ value: "1", unit: "mg" }],
  allergens: [],
};
const strong = { ...weak, presentation: "1 mg/1 ml", routes: ["IM"], doses: [{ value: "500", unit: "ug" }] };

describe("finishing a one-tap entry", () => {
  test("a drug offers the doses and routes of its presentation", () =>
    expect(finishChips(entry("drug", { drug: "adrenaline", presentation: "1 mg/10 ml" }), [strong, weak])).toEqual([
      { key: "dose", legend: "Dose", options: ["1 mg"] },
      { key: "route", legend: "Route", options: ["IV", "IO"] },
    ]));

  test("without its presentation it offers none, because the strengths differ", () =>
    expect(finishChips(entry("drug", { drug: "Adrenaline" }), [strong, weak])).toEqual([]));

  test("an event gathers its details, each once", () => {
    const open = entry("event", { event: "IV access", toFinish: ["size", "site", "who knows"] });
    expect(finishChips(open, []).map(({ legend }) => legend)).toEqual(["size", "site"]);
    expect(["18G", "left hand", "18G"].reduce((text, chip) => withChip("event", text, chip), "")).toBe(
      "18G, left hand",
    );
  });
});
