import { describe, expect, it } from "vitest";
import { logLines, sampleContext, sampleIncident, samplePatient } from "#test/fhir/sample-document.ts";
import { reading, sampleEntries, sampleRecordId } from "#test/sample-entries.ts";
import type { Observation, Provenance } from "./r4.ts";
import { readResource, readVersion, resourceHistory } from "./read.ts";

const { add, amend, strike } = sampleEntries();
const first = add("observations", { spo2: reading("97") });
const amended = amend(first, { spo2: reading("91") });
const struck = strike(amended, { reason: "wrong patient" });
const unstruck = strike(struck, { reason: "it was right" });
const lines = logLines([
  add("incident", sampleIncident),
  add("patient", samplePatient),
  first,
  amended,
  add("note", { text: "other" }),
  struck,
  unstruck,
]);
const id = `${first.id}-spo2`;
const brief = (resource: unknown) => {
  const { id, status, meta, valueQuantity } = JSON.parse(JSON.stringify(resource)) as Observation;
  return [id, meta?.versionId, status, valueQuantity?.value];
};

describe("a resource that was amended, struck and restored", () => {
  it("keeps its id and shows what stands", () => {
    // The strike hit the amendment: the first version stands again until the strike is struck.
    expect(brief(readResource(lines, "Observation", id, sampleContext))).toEqual([id, "107", "amended", 91]);
  });

  it("has each state in its history, newest first", () => {
    expect(resourceHistory(lines, "Observation", id, sampleContext).map(brief)).toEqual([
      [id, "107", "amended", 91],
      [id, "106", "final", 97],
      [id, "104", "amended", 91],
      [id, "103", "final", 97],
    ]);
  });

  it("can be read at each version, and at no other", () => {
    expect(brief(readVersion(lines, "Observation", id, "104", sampleContext))).toEqual([id, "104", "amended", 91]);
    for (const none of ["105", "1", "0", "-1", "1e3", "banana"])
      expect(readVersion(lines, "Observation", id, none, sampleContext), none).toBeNull();
  });

  it("has a Provenance for each change, with who, when and why", () => {
    const provenance = readResource(lines, "Provenance", `${amended.id}-provenance`, sampleContext) as Provenance;
    expect(provenance.reason?.[0]?.text).toBe("typed wrongly");
    expect(provenance.occurredDateTime).toBe(amended.occurredAt);
    expect(provenance.agent[0]?.who.display).toBe("Demo Medic");
    expect(provenance.target[0]?.reference).toBe(`Observation/${id}/_history/104`);
    expect(readResource(lines, "Provenance", `${struck.id}-provenance`, sampleContext)).not.toBeNull();
  });
});

it("answers null for what is not there", () => {
  expect(readResource(lines, "Observation", `${first.id}-pulse`, sampleContext)).toBeNull();
  expect(readResource(lines, "Patient", first.id, sampleContext)).toBeNull();
  expect(readResource(lines, "Patient", sampleRecordId, sampleContext)).not.toBeNull();
  expect(resourceHistory(lines, "Observation", "nothing", sampleContext)).toEqual([]);
});
