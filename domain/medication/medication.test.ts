import { describe, expect, test } from "vitest";
import { minute, recordOf, sampleEntries, tabletA, tabletB } from "#test/sample-entries.ts";
import { guardsBeforeGiving } from "./guards.ts";
import { drugTotals } from "./totals.ts";

const dose = (value: string, unit: string) => ({ value, unit });

describe("totals", () => {
  test("add exactly over units, count earlier crews, and never add what does not compare", () => {
    const make = sampleEntries();
    const give = (body: Record<string, unknown>) => make.add("drug", { drug: "Morphine", ...body });
    const record = recordOf(
      give({ dose: dose("2.5", "mg"), givenBy: "earlier-crew" }),
      give({ dose: dose("2500", "ug") }),
      give({ dose: dose("0.0001", "g") }),
      give({ dose: dose("1", "mL") }),
      give({}),
    );
    expect(drugTotals(record)).toEqual([
      {
        drug: "Morphine",
        totals: [dose("5.1", "mg"), dose("1", "mL")],
        doses: 5,
        givenBefore: 1,
        withoutDose: 1,
        lastAt: minute(5),
      },
    ]);
  });

  test("0.1 and 0.2 are 0.3", () => {
    const make = sampleEntries();
    const record = recordOf(
      make.add("drug", { drug: "A", dose: dose("0.1", "mg") }),
      make.add("drug", { drug: "A", dose: dose("0.2", "mg") }),
    );
    expect(drugTotals(record)[0]?.totals).toEqual([dose("0.3", "mg")]);
  });

  test("a struck dose does not count, and one that two tablets amended counts once", () => {
    const make = sampleEntries();
    const struck = make.add("drug", { drug: "A", dose: dose("1", "mg") });
    const given = make.add("drug", { drug: "A", dose: dose("1", "mg") });
    const record = recordOf(
      struck,
      make.strike(struck),
      given,
      make.amend(given, { drug: "A", dose: dose("2", "mg") }),
      make.amend(given, { drug: "A", dose: dose("3", "mg") }, { deviceId: tabletB }),
    );
    expect(drugTotals(record)).toMatchObject([{ totals: [dose("3", "mg")], doses: 1 }]);
  });
});

describe("guards", () => {
  const context = { allergens: ["penicillins"], doses: [dose("400", "ug")], at: minute(30), deviceId: tabletA };
  const guards = (entries: Parameters<typeof recordOf>, drug: Parameters<typeof guardsBeforeGiving>[1], more = {}) =>
    guardsBeforeGiving(recordOf(...entries), drug, { ...context, ...more }).map((guard) => guard.guard);
  const answered = (make: ReturnType<typeof sampleEntries>, allergies: unknown) => make.add("allergies", { allergies });

  test("nothing to say: no known allergies, a usual dose in another unit, not given before", () => {
    const make = sampleEntries();
    expect(guards([answered(make, { no: "none" })], { drug: "GTN", dose: dose("0.40", "mg") })).toEqual([]);
  });

  test.each(["not-known", "not-asked", "refused"])("allergies %s speak; none does not", (no) => {
    const make = sampleEntries();
    expect(guards([answered(make, { no })], { drug: "GTN" })).toEqual(["allergies-unanswered"]);
    expect(guards([], { drug: "GTN" })).toEqual(["allergies-unanswered"]);
  });

  test("an allergy speaks, even on the list of the other tablet that is not shown", () => {
    const make = sampleEntries();
    const listed = answered(make, { is: [{ substance: "Penicillin" }] });
    const later = make.add("allergies", { allergies: { no: "none" } }, { deviceId: tabletB });
    expect(guards([listed, later], { drug: "Benzylpenicillin" })).toEqual(["allergy"]);
    expect(guards([listed, later], { drug: "GTN" }, { allergens: ["nitrates"] })).toEqual([]);
  });

  test("a dose outside the formulary's speaks, in another unit family too", () => {
    const make = sampleEntries();
    const none = answered(make, { no: "none" });
    expect(guards([none], { drug: "GTN", dose: dose("400", "mg") })).toEqual(["dose"]);
    expect(guards([none], { drug: "GTN", dose: dose("400", "mL") })).toEqual(["dose"]);
    expect(guards([none], { drug: "GTN", dose: dose("400", "mL") }, { doses: [] })).toEqual([]);
  });

  test("the same drug on two tablets within five minutes, and a repeat on one", () => {
    const make = sampleEntries();
    const none = answered(make, { no: "none" });
    const there = (at: number) => make.add("drug", { drug: " gtn " }, { deviceId: tabletB, at: minute(at) });
    const here = make.add("drug", { drug: "GTN" }, { at: minute(22) });
    expect(guards([none, there(26)], { drug: "GTN" })).toEqual(["other-device"]);
    expect(guards([none, there(24)], { drug: "GTN" })).toEqual([]);
    expect(guards([none, here], { drug: "GTN" })).toEqual([]);
    expect(guards([none, here], { drug: "GTN" }, { repeatMinutes: 10 })).toEqual(["repeat"]);
    expect(guards([none, here, make.strike(here)], { drug: "GTN" }, { repeatMinutes: 10 })).toEqual([]);
  });
});
