import { expect, test } from "vitest";
import { minute, reading, recordOf, sampleEntries, tabletB, wholeSet } from "#test/sample-entries.ts";
import { atmist } from "./atmist.ts";
import { toFinish } from "./to-finish.ts";

const now = minute(60);

test("an empty record is a handover too, with every gap in words", () => {
  const sections = atmist(recordOf(), now);
  expect(sections.map((section) => section.letter).join("")).toBe("ATMIST");
  expect(sections.flatMap((section) => section.lines)).toEqual([
    "Age not known · name not known",
    "Allergies not recorded",
    "Onset not recorded",
    "Concern not recorded",
    "Findings not recorded",
    "Past history: not recorded",
    "Medication: not recorded",
    "No observations recorded",
    "No drugs recorded",
  ]);
});

test("says who, when, what was found and what was given, with totals", () => {
  const make = sampleEntries();
  const record = recordOf(
    make.add("patient", {
      identity: "stated",
      givenName: "Avis",
      familyName: "DEMO-HILL",
      ageYears: 72,
      gender: "female",
    }),
    make.add("allergies", { allergies: { is: [{ substance: "Penicillin", reaction: "rash" }] } }),
    make.add("presentation", { concern: "Chest pain", onset: { is: minute(-30) }, medication: { no: "refused" } }),
    make.add("observations", wholeSet({ respirations: reading("22") }), { at: minute(10) }),
    make.add("drug", { drug: "GTN", dose: { value: "400", unit: "ug" }, route: "sublingual" }, { at: minute(12) }),
    make.add(
      "drug",
      { drug: "gtn", dose: { value: "0.4", unit: "mg" }, route: "sublingual", givenBy: "patient" },
      { at: minute(14) },
    ),
    make.add("photograph", {}),
  );
  const lines = atmist(record, now).flatMap((section) => section.lines);
  expect(lines).toEqual(
    expect.arrayContaining([
      "72 F · Avis DEMO-HILL",
      "Allergies: Penicillin (rash)",
      "Onset 09:30",
      "Medication: refused to say",
      "Latest 10:10 · NEWS2 2",
      "RR 22 /min · SpO₂ 97 % on air · BP 120/80 mmHg · Pulse 70 /min · Alert · 37.0 °C",
      "10:12 GTN 400 microgram, sublingual",
      "Total: gtn 800 microgram in 2 doses (1 before this crew)",
      "1 entry of a kind this version does not know: ask the crew, and see the record",
    ]),
  );
});

test("the four kinds of no about allergies are four sentences, and two tablets are both read out", () => {
  const make = sampleEntries();
  const said = (no: string) => atmist(recordOf(make.add("allergies", { allergies: { no } })), now)[0]?.lines[1];
  expect(["none", "not-known", "not-asked", "refused"].map(said)).toEqual([
    "No known allergies",
    "Allergies not known",
    "Allergies not asked",
    "Allergies: refused to say",
  ]);
  const both = recordOf(
    make.add("allergies", { allergies: { is: [{ substance: "Latex" }] } }),
    make.add("allergies", { allergies: { no: "none" } }, { deviceId: tabletB }),
  );
  expect(atmist(both, now)[0]?.lines.slice(1)).toEqual(["No known allergies", "Allergies: Latex"]);
});

test("the soft list names what a reader will miss, and shrinks as it is answered", () => {
  const make = sampleEntries();
  const access = make.add("event", { event: "IV access" });
  const drug = make.add("drug", { drug: "GTN", dose: { value: "400", unit: "ug" } });
  const set = make.add("observations", { pulse: reading("80") });
  const entries = [access, drug, set, make.add("patient", { identity: "unknown", ageGroup: "adult" })];
  const list = toFinish(recordOf(...entries));
  expect(list).toEqual(
    expect.arrayContaining([
      { entryId: null, text: "Allergies: not asked yet" },
      { entryId: access.id, text: "IV access: size and site" },
      { entryId: drug.id, text: "GTN: route" },
      {
        entryId: set.id,
        text: "NEWS2 missing: respirations, oxygen saturation, air or oxygen, systolic blood pressure, consciousness, temperature",
      },
    ]),
  );
  const done = recordOf(...entries, make.amend(access, { event: "IV access", detail: "18G left" }));
  expect(toFinish(done).map((item) => item.text)).not.toContain("IV access: size and site");
});
