import { expect, it } from "vitest";
import { describeUkCore } from "#test/fhir/definitions.ts";
import { documentOf, sampleIncident } from "#test/fhir/sample-document.ts";
import { findingsIn } from "#test/fhir/validate.ts";
import { reading, sampleEntries, tabletB } from "#test/sample-entries.ts";

const blank = " \u0000\u0007 ";
const { add, amend, strike } = sampleEntries();
const site = { siteId: "ed", name: blank };
const set = add("observations", { pulse: reading("900"), acvpu: { notDone: "not-possible", why: blank } });
const amended = amend(set, { pulse: reading("70") });
const other = amend(set, { pulse: reading("71") }, { deviceId: tabletB });
const orphan = strike(add("note", { text: "never arrives" }));

describeUkCore("documents of records that nobody would write", () => {
  it.each([
    ["a single note", [add("note", { text: blank })]],
    ["an unknown kind alone", [add("burns-chart", { deep: { a: [1, null] } })]],
    [
      "blank words everywhere",
      [
        add(
          "incident",
          { ...sampleIncident, callSign: blank, cadNumber: blank, location: blank, crew: [] },
          { name: blank, role: blank },
        ),
        add("patient", {
          identity: "stated",
          familyName: blank,
          givenName: blank,
          gp: blank,
          birthDate: { is: "1980-02-31" },
        }),
        add("presentation", { concern: blank, history: { is: blank } }),
        add("allergies", { allergies: { is: [{ substance: blank }, { substance: blank, severity: "mild" }] } }),
        add("drug", {
          drug: blank,
          dose: { value: "1", unit: blank },
          route: blank,
          indication: blank,
          batch: blank,
          overrides: [{ guard: blank, reason: blank }],
        }),
        add("destination", { site }),
        add("acceptance", { site, acceptedBy: blank, seen: {} }),
        add("handover", { receiverName: blank }),
      ],
    ],
    ["two amendments side by side, an impossible value, a strike without a target", [set, amended, other, orphan]],
    ["a drug without a dose", [add("drug", { drug: "Oxygen", route: "mask" })]],
    [
      "a file of no type",
      [
        {
          ...add("ecg", { leads: [], samplesPerSecond: 1, samplesPerLead: 0 }),
          blobs: [{ sha256: "0".repeat(64), bytes: 0, mime: "not a type\r\n" }],
        },
      ],
    ],
    [
      "times out of order",
      [
        add("milestone", { milestone: "handed-over", at: "2001-01-01T00:00:00.000Z" }),
        add("milestone", { milestone: "call-connected" }),
      ],
    ],
  ])("%s", (_what, entries) => {
    expect(findingsIn(documentOf(...entries))).toEqual([]);
  });

  it("keep both of two amendments, each by an id of its own", () => {
    const ids = documentOf(set, amended, other).entry!.map(({ resource }) => resource!.id);
    expect(ids.filter((id) => id!.endsWith("-pulse"))).toHaveLength(2);
  });
});
