import { describe, expect, it } from "vitest";
import type { Entry } from "#domain/entry/entry.ts";
import type { Composition, Observation, Provenance, Resource } from "#sharing/fhir/r4.ts";
import { describeUkCore } from "#test/fhir/definitions.ts";
import { documentOf, logLines, sampleContext, sampleIncident, samplePatient } from "#test/fhir/sample-document.ts";
import { findingsIn } from "#test/fhir/validate.ts";
import { reading, type SampleOptions, sampleEntries } from "#test/sample-entries.ts";
import { readVersion, resourceHistory } from "./read.ts";

const student: SampleOptions = { name: "Sam Testcase", role: "Student", coSign: "needed" };
const medic: SampleOptions = { name: "Demo Medic" };

/** A student's patient, pulse, drug and note; a paramedic's drug; and the co-signature of the student's four. */
const shift = () => {
  const make = sampleEntries();
  const incident = make.add("incident", sampleIncident);
  const patient = make.add("patient", samplePatient, student);
  const pulse = make.add("observations", { pulse: reading("80") }, student);
  const aspirin = make.add("drug", { drug: "Aspirin" }, student);
  const note = make.add("note", { text: "Sat up by the student" }, student);
  const morphine = make.add("drug", { drug: "Morphine" }, medic);
  const written = [incident, patient, pulse, aspirin, note, morphine];
  const entries = [patient, pulse, aspirin, note].map(({ id }) => id);
  const signature = make.add("co-signature", { entries }, medic);
  return { ...make, written, pulse, aspirin, morphine, signature };
};

const resources = (...entries: Entry[]): Resource[] => documentOf(...entries).entry!.map(({ resource }) => resource!);
const byId = <R extends Resource>(all: readonly Resource[], id: string): R | undefined =>
  all.find((resource) => resource.id === id) as R | undefined;
const awaited = (all: readonly Resource[]): string[] =>
  all
    .filter(({ meta }) => meta?.tag?.some(({ code }) => code === "awaited"))
    .map(({ resourceType }) => resourceType)
    .sort();

describe("what a student wrote, to a receiver", () => {
  it("is all there, and marked in words and for a program", () => {
    const { written, pulse, aspirin, morphine } = shift();
    const all = resources(...written);
    expect(awaited(all)).toEqual([
      "Composition",
      "MedicationAdministration",
      ...Array(3).fill("Observation"),
      "Patient",
    ]);
    expect(byId<Observation>(all, `${pulse.id}-pulse`)?.status).toBe("preliminary");
    expect(byId(all, aspirin.id)).toBeDefined();
    expect(byId<Resource>(all, morphine.id)?.meta?.tag).toBeUndefined();
    const narrative = JSON.stringify(byId<Composition>(all, aspirin.recordId)?.section);
    expect(narrative.match(/<td>awaiting co-signature<\/td>/g)).toHaveLength(4);
    expect(narrative).toContain("4 entries by Sam Testcase (student) await a co-signature");
    const agent = byId<Provenance>(all, `${aspirin.id}-provenance`)?.agent[0];
    expect([agent?.who.display, agent?.type?.coding?.[0]?.code]).toEqual(["Sam Testcase", "author"]);
  });

  it("once signed says who verified it, and is marked no more", () => {
    const { written, pulse, aspirin, morphine, signature } = shift();
    const all = resources(...written, signature);
    expect(awaited(all)).toEqual([]);
    expect(byId<Observation>(all, `${pulse.id}-pulse`)?.status).toBe("final");
    const signed = byId<Provenance>(all, `${signature.id}-provenance`)!;
    expect([signed.agent[0]?.who.display, signed.agent[0]?.type?.coding?.[0]?.code]).toEqual([
      "Demo Medic",
      "verifier",
    ]);
    const targets = signed.target.map(({ reference }) => reference!);
    expect(targets).toContain(`Observation/${pulse.id}-pulse/_history/107`);
    expect(targets).toContain(`MedicationAdministration/${aspirin.id}/_history/107`);
    expect(targets.join()).not.toContain(morphine.id);
    expect(new Set(targets).size).toBe(targets.length);
    expect(JSON.stringify(all)).toContain("co-signed by Demo Medic 15 Jan 2026 10:07");
  });

  it("gains nothing by a co-signature of another student's", () => {
    const { add, written, pulse, signature } = shift();
    const idle = add("co-signature", signature.body, { name: "Robin Testcase", coSign: "needed" });
    const all = resources(...written, idle);
    expect(byId<Observation>(all, `${pulse.id}-pulse`)?.status).toBe("preliminary");
    expect(byId(all, `${idle.id}-provenance`)).toBeUndefined();
  });

  it("has a version before the co-signature and one after", () => {
    const { written, aspirin, signature } = shift();
    const lines = logLines([...written, signature]);
    const history = resourceHistory(lines, "MedicationAdministration", aspirin.id, sampleContext);
    expect(history.map(({ meta }) => [meta?.versionId, meta?.tag?.[0]?.code])).toEqual([
      ["107", undefined],
      ["104", "awaited"],
    ]);
  });

  it("names versions that exist where the co-signature was there first", () => {
    const { written, aspirin, signature } = shift();
    const lines = logLines([signature, ...written]);
    const bundle = resources(signature, ...written);
    const { target } = byId<Provenance>(bundle, `${signature.id}-provenance`)!;
    const [type, id, , version] = target
      .find(({ reference }) => reference!.includes(aspirin.id))!
      .reference!.split("/");
    expect(type).toBe("MedicationAdministration");
    expect(readVersion(lines, "MedicationAdministration", id!, version!, sampleContext)).not.toBeNull();
  });

  it("awaits it again when the co-signature is struck, which nullifies that and no resource", () => {
    const { written, strike, pulse, signature } = shift();
    const undo = strike(signature, { ...medic, reason: "slip" });
    const all = resources(...written, signature, undo);
    expect(byId<Observation>(all, `${pulse.id}-pulse`)?.status).toBe("preliminary");
    expect(byId<Provenance>(all, `${undo.id}-provenance`)?.target).toEqual([
      { reference: `Provenance/${signature.id}-provenance` },
    ]);
  });
});

describeUkCore("the document", () => {
  it("is valid unsigned, signed, signed before it came, and with the co-signature struck", () => {
    const { written, strike, amend, aspirin, signature } = shift();
    const undo = strike(signature, { ...medic, reason: "slip" });
    const amended = amend(aspirin, { drug: "Aspirin 300" }, student);
    for (const entries of [
      written,
      [...written, signature],
      [signature, ...written],
      [...written, signature, undo],
      [...written, signature, amended],
    ])
      expect(findingsIn(documentOf(...entries))).toEqual([]);
  });
});
