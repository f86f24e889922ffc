import { describe, expect, test } from "vitest";
import { minute, reading, recordOf, sampleEntries, screen, tabletA, wholeSet } from "#test/sample-entries.ts";
import { arrival } from "./arrival.ts";
import { arrivalOf, departureOf, formerSites } from "./arrival-of.ts";

const north = { siteId: "north-ed", name: "North ED" };
const west = { siteId: "west-ed", name: "West ED" };

const shift = () => {
  const make = sampleEntries();
  return {
    ...make,
    start: make.add("incident", { callSign: "DEMO 1", crew: [], demonstration: true }),
    prealert: (site = north) => make.add("prealert", { site, concern: "Chest pain", eta: minute(40) }),
    to: (site = north) => make.add("destination", { site, eta: minute(45) }),
    reach: (milestone: string) => make.add("milestone", { milestone }),
    accept: (seen: Record<string, number>, site = north) =>
      make.add("acceptance", { site, acceptedBy: "Sister Demo", seen }, { deviceId: screen }),
  };
};

describe("states", () => {
  test("no site named: no row", () => {
    const { start } = shift();
    expect(arrivalOf(recordOf(start))).toBeNull();
    expect(arrivalOf(recordOf())).toBeNull();
  });

  test("pre-alerted → coming → arrived → handed over", () => {
    const s = shift();
    const entries = [s.start, s.prealert()];
    const state = () => arrivalOf(recordOf(...entries))?.state;
    expect(state()).toBe("pre-alerted");
    entries.push(s.reach("left-scene"));
    expect(state()).toBe("coming");
    entries.push(s.reach("at-hospital"));
    expect(state()).toBe("arrived");
    entries.push(s.accept({ [tabletA]: 4 }));
    expect(arrivalOf(recordOf(...entries))).toMatchObject({ state: "handed-over", acceptedBy: "Sister Demo" });
  });

  test("a destination alone is coming, and its newer time is the one shown", () => {
    const s = shift();
    expect(arrivalOf(recordOf(s.start, s.prealert(), s.to()))).toMatchObject({ state: "coming", eta: minute(45) });
  });

  test("a crew that writes the receiver's name has handed over", () => {
    const s = shift();
    const entries = [s.start, s.to(), s.reach("at-hospital")];
    expect(arrivalOf(recordOf(...entries, s.add("handover", { comment: "draft" })))?.state).toBe("arrived");
    const named = s.add("handover", { receiverName: "Nurse Demo" });
    expect(arrivalOf(recordOf(...entries, named))).toMatchObject({ state: "handed-over", acceptedBy: "Nurse Demo" });
    const unsaid = recordOf(s.start, s.to(), named);
    expect(arrivalOf(unsaid)).toMatchObject({ state: "handed-over", arrivedAt: named.occurredAt });
  });

  test("stood down, or treated at home after a pre-alert", () => {
    const s = shift();
    expect(arrivalOf(recordOf(s.start, s.prealert(), s.reach("stood-down")))?.state).toBe("stood-down");
    expect(arrivalOf(recordOf(s.start, s.prealert(), s.reach("stood-down"), s.prealert()))?.state).toBe("pre-alerted");
    const home = s.add("destination", { outcome: "see-and-treat" });
    expect(arrivalOf(recordOf(s.start, s.prealert(), home))).toMatchObject({ state: "stood-down", siteId: "north-ed" });
  });
});

describe("diversion", () => {
  test("the row is for the new site, and the old one learns that the patient is gone", () => {
    const s = shift();
    const record = recordOf(s.start, s.prealert(north), s.to(west));
    expect(arrivalOf(record)).toMatchObject({ siteId: "west-ed", state: "coming" });
    expect(formerSites(record)).toEqual(["north-ed"]);
    expect(departureOf(record, "north-ed")).toMatchObject({
      state: "diverted",
      readings: [],
      news2: null,
      allergy: null,
    });
    expect(departureOf(record, "west-ed")).toBeNull();
  });

  test("by amendment and by strike the old site learns it too", () => {
    const s = shift();
    const first = s.to(north);
    const amended = recordOf(s.start, first, s.amend(first, { site: west }));
    expect(formerSites(amended)).toEqual(["north-ed"]);
    const struck = recordOf(s.start, first, s.strike(first));
    expect(arrivalOf(struck)).toBeNull();
    expect(departureOf(struck, "north-ed")?.state).toBe("stood-down");
  });

  test("what happened at the first hospital does not count at the second", () => {
    const s = shift();
    const before = [s.start, s.to(north), s.reach("at-hospital"), s.accept({}), s.reach("handed-over"), s.to(west)];
    expect(arrivalOf(recordOf(...before))).toMatchObject({ state: "coming", arrivedAt: null, acceptedBy: null });
    expect(arrivalOf(recordOf(...before, s.reach("at-hospital")))?.state).toBe("arrived");
  });
});

test("the row holds the concern, the score with its trend, each reading with its own time, and fits its schema", () => {
  const s = shift();
  const record = recordOf(
    s.start,
    s.add("patient", { identity: "stated", familyName: "DEMO-HILL", ageYears: 72, gender: "female" }),
    s.add("observations", wholeSet({ respirations: reading("22") }), { at: minute(10) }),
    s.add("observations", { pulse: reading("108", minute(19)) }, { at: minute(20) }),
    s.add("presentation", { concern: "Chest pain", findings: "x".repeat(500) }),
    s.add("allergies", { allergies: { no: "not-asked" } }),
    s.to(),
  );
  const row = arrivalOf(record)!;
  expect(arrival.parse(row)).toEqual(row);
  expect(row).toMatchObject({
    ageSex: "72 F",
    name: "DEMO-HILL",
    concern: "Chest pain",
    allergy: "Allergies not asked",
    demonstration: true,
    trend: [{ at: minute(10), total: 2 }],
    news2: { atLeast: 1, at: minute(20) },
  });
  expect(row.readings).toContainEqual({ label: "Pulse", text: "108 /min", at: minute(19) });
  expect(row.readings).toContainEqual({ label: "RR", text: "22 /min", at: minute(10) });
});

test("after acceptance, what is added or struck is counted until it has been seen; ending the job is not", () => {
  const s = shift();
  const drug = s.add("drug", { drug: "GTN" });
  const entries = [s.start, s.to(), drug, s.accept({ [tabletA]: 3 })];
  const changed = () => arrivalOf(recordOf(...entries))?.changedSinceAcceptance;
  expect(changed()).toBe(0);
  entries.push(
    s.reach("handed-over"),
    s.add("place", { site: north, place: "4", area: "majors" }, { deviceId: screen }),
  );
  expect(changed()).toBe(0);
  entries.push(s.strike(drug), s.add("note", { text: "late" }));
  expect(changed()).toBe(2);
  entries.push(s.add("receipt", { what: "displayed", site: north, seen: { [tabletA]: 6 } }, { deviceId: screen }));
  expect(changed()).toBe(2);
  entries.push(s.add("receipt", { what: "seen", site: north, seen: { [tabletA]: 6 } }, { deviceId: screen }));
  expect(changed()).toBe(0);
});
