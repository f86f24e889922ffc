import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Entry } from "#domain/entry/entry.ts";
import type {
  AllergyIntolerance,
  Bundle,
  Composition,
  MedicationAdministration,
  Observation,
  Patient,
  Practitioner,
  Resource,
} from "#sharing/fhir/r4.ts";
import {
  documentOf,
  documentText,
  logLines,
  sampleContext,
  sampleIncident,
  samplePatient,
  sampleShift,
} from "#test/fhir/sample-document.ts";
import { reading, sampleEntries, screen, wholeSet } from "#test/sample-entries.ts";
import { handoverBundle } from "./bundle.ts";

const allOf = <R extends Resource>(bundle: Bundle, type: R["resourceType"]): R[] =>
  bundle.entry!.map(({ resource }) => resource!).filter((resource) => resource.resourceType === type) as unknown as R[];
const only = <R extends Resource>(bundle: Bundle, type: R["resourceType"]): R => {
  const found = allOf<R>(bundle, type);
  expect(found).toHaveLength(1);
  return found[0]!;
};
const observation = (bundle: Bundle, suffix: string) =>
  allOf<Observation>(bundle, "Observation").find(({ id }) => id!.endsWith(`-${suffix}`));
const adult = () => {
  const made = sampleEntries();
  return { ...made, start: [made.add("incident", sampleIncident), made.add("patient", samplePatient)] };
};

describe("numbers", () => {
  it("keep the digits they were written with", () => {
    const { add, start } = adult();
    const text = documentText([
      ...start,
      add("observations", { temperature: reading("36.0"), glucose: reading("5.10") }),
    ]);
    expect(text).toContain('"value":36.0,');
    expect(text).toContain('"value":5.10,');
    expect(text).toContain('"value":61.0,');
  });
});

describe("NEWS2", () => {
  it("has a total, seven scored parameters and what it was made of", () => {
    const { add, start } = adult();
    const set = add("observations", wholeSet({ spo2: reading("93"), temperature: reading("38.5") }));
    const news2 = observation(documentOf(...start, set), "news2")!;
    expect(news2.valueQuantity?.value).toBe(3);
    expect(news2.code.coding?.[0]?.code).toBe("1104051000000101");
    expect(news2.component?.map(({ valueQuantity }) => valueQuantity?.value)).toEqual([0, 2, 0, 0, 0, 0, 1]);
    expect(news2.component?.[1]?.code.coding?.[0]?.code).toBe("1104311000000102");
    expect(news2.derivedFrom?.map(({ reference }) => reference)).toContain(`Observation/${set.id}-bp`);
  });

  it("uses the code of scale 2 once a clinician decided for it", () => {
    const { add, start } = adult();
    const decided = add("spo2-scale", { scale: 2, decidedBy: "Dr Demo", basis: "hypercapnic failure" });
    const news2 = observation(documentOf(...start, decided, add("observations", wholeSet())), "news2")!;
    expect(news2.component?.[1]?.code.coding?.[0]?.code).toBe("1104321000000108");
  });

  it("of a partial set has no total, and says at least", () => {
    const { add, start } = adult();
    const news2 = observation(documentOf(...start, add("observations", { pulse: reading("135") })), "news2")!;
    expect(news2.valueQuantity).toBeUndefined();
    expect(news2.dataAbsentReason).toBeDefined();
    expect(news2.note?.[0]?.text).toMatch(/^Partial, at least 3\. Missing: respirations/);
  });

  it.each([
    ["a child", { ...samplePatient, birthDate: { is: "2019-01-01" } }],
    ["a pregnant patient", { ...samplePatient, pregnant: { is: true } }],
    ["a patient of unknown age", { identity: "unknown" }],
  ])("is not made for %s", (_who, patient) => {
    const { add } = sampleEntries();
    const bundle = documentOf(
      add("incident", sampleIncident),
      add("patient", patient),
      add("observations", wholeSet()),
    );
    expect(observation(bundle, "news2")).toBeUndefined();
    expect(observation(bundle, "pulse")).toBeDefined();
  });
});

describe("the four kinds of no", () => {
  const kinds = ["none", "not-known", "not-asked", "refused"] as const;
  const codesFor = (
    entry: (add: ReturnType<typeof sampleEntries>["add"], no: string) => Entry,
    read: (bundle: Bundle) => unknown,
  ) =>
    kinds.map((no) => {
      const { add } = sampleEntries();
      return read(documentOf(add("incident", sampleIncident), entry(add, no)));
    });

  it("about allergies", () => {
    const said = codesFor(
      (add, no) => add("allergies", { allergies: { no } }),
      (bundle) =>
        allOf<AllergyIntolerance>(bundle, "AllergyIntolerance")[0]?.code?.coding?.[0]?.code ??
        observation(bundle, "allergies")?.dataAbsentReason?.coding?.[0]?.code,
    );
    expect(said).toEqual(["716186003", "asked-unknown", "not-asked", "asked-declined"]);
  });

  it("about the NHS number and the birth date", () => {
    const said = codesFor(
      (add, no) => add("patient", { identity: "unknown", nhsNumber: { no }, birthDate: { no } }),
      (bundle) => {
        const { identifier, _birthDate } = only<Patient>(bundle, "Patient");
        expect(identifier?.[1]?.value).toBeUndefined();
        expect(identifier?.[1]?._value?.extension).toEqual(_birthDate?.extension);
        return _birthDate?.extension?.[0]?.valueCode;
      },
    );
    expect(said).toEqual(["not-applicable", "asked-unknown", "not-asked", "asked-declined"]);
  });

  it("about the history, current medication and what came before", () => {
    const said = codesFor(
      (add, no) => add("presentation", { concern: "Fall", history: { no }, pastHistory: { no }, medication: { no } }),
      (bundle) =>
        only<Composition>(bundle, "Composition")
          .section?.filter(({ emptyReason }) => emptyReason)
          .map(({ emptyReason }) => emptyReason?.coding?.[0]?.code),
    );
    expect(said).toEqual(["nilknown", "unavailable", "notasked", "withheld"].map((code) => [code, code, code]));
  });

  it("differ from what was not done", () => {
    const { add, start } = adult();
    const set = add("observations", {
      glucose: { notDone: "refused" },
      temperature: { notDone: "no-equipment", why: "probe lost" },
    });
    const bundle = documentOf(...start, set);
    expect(observation(bundle, "glucose")?.dataAbsentReason?.coding?.[0]?.code).toBe("asked-declined");
    expect(observation(bundle, "temperature")?.dataAbsentReason?.text).toBe("no equipment: probe lost");
  });
});

describe("who the patient is", () => {
  it("maps identity strength to how the NHS number was verified", () => {
    const codes = ["unknown", "stated", "two-identifiers", "traced"].map((identity) => {
      const { add } = sampleEntries();
      const patient = only<Patient>(
        documentOf(add("incident", sampleIncident), add("patient", { ...samplePatient, identity })),
        "Patient",
      );
      return patient.identifier?.[1]?.extension?.[0]?.valueCodeableConcept?.coding?.[0]?.code;
    });
    expect(codes).toEqual(["03", "02", "02", "01"]);
  });

  it("keeps a number with a wrong check digit away from the NHS's numbers", () => {
    const { add } = sampleEntries();
    const entry = add("patient", { ...samplePatient, nhsNumber: { is: "9990000019" } });
    const { identifier } = only<Patient>(documentOf(add("incident", sampleIncident), entry), "Patient");
    expect(identifier?.[1]).toEqual({
      system: "https://holdfast.example/fhir/nhs-number-wrong-check-digit",
      value: "9990000019",
    });
  });

  it("marks everything of a demonstration as test data", () => {
    for (const { resource } of documentOf(...sampleShift()).entry!)
      expect(resource?.meta?.security?.[0]?.code, resource?.id).toBe("HTEST");
  });
});

describe("corrections", () => {
  it("show what was struck as entered in error, readable, with who and why", () => {
    const bundle = documentOf(...sampleShift());
    expect(
      allOf(bundle, "MedicationAdministration")
        .map((resource) => (resource as { status?: string }).status)
        .sort(),
    ).toEqual(["completed", "entered-in-error"]);
    expect(JSON.stringify(only<Composition>(bundle, "Composition"))).toMatch(
      /Morphine 5 mg, IV.*by Demo Medic: wrong patient/,
    );
  });

  it("name who took each reading, not who amended another one", () => {
    const { add, amend, start } = adult();
    const first = add("observations", wholeSet(), { name: "First Demo" });
    const second = amend(first, wholeSet({ spo2: reading("91") }), { name: "Second Demo" });
    const bundle = documentOf(...start, first, second);
    expect(observation(bundle, "spo2")?.performer?.[0]?.display).toBe("Second Demo");
    expect(observation(bundle, "pulse")?.performer?.[0]?.display).toBe("First Demo");
  });

  it("keep a part that an amendment left out, as entered in error", () => {
    const { add, amend, start } = adult();
    const first = add("observations", { pulse: reading("70"), glucose: reading("5.1") });
    const bundle = documentOf(...start, first, amend(first, { pulse: reading("70") }));
    expect(observation(bundle, "glucose")?.status).toBe("entered-in-error");
    expect(observation(bundle, "pulse")?.status).toBe("amended");
  });
});

it("marks a document as accepted, and as amended by what came after", () => {
  const { add, start } = adult();
  const seen = { [start[0]!.deviceId]: 2 };
  const accepted = add(
    "acceptance",
    { site: { siteId: "ed", name: "ED" }, acceptedBy: "Sister Demo", seen },
    { deviceId: screen },
  );
  const status = (...entries: Entry[]) => only<Composition>(documentOf(...entries), "Composition");
  expect(status(...start).status).toBe("preliminary");
  expect(status(...start, accepted).status).toBe("final");
  expect(status(...start, accepted).attester?.[0]?.party?.display).toBe("Sister Demo");
  expect(status(...start, accepted, add("note", { text: "later" })).status).toBe("amended");
});

it("names who gave a drug, where the entry does, as its performer and as somebody in the document", () => {
  const { add, start } = adult();
  const giver = { userId: "staff NM1002", name: "Testcase Driver", role: "Technician", signIn: "none" };
  const bundle = documentOf(...start, add("drug", { drug: "Aspirin", giver }));
  const { performer } = only<MedicationAdministration>(bundle, "MedicationAdministration");
  expect(performer?.map(({ actor }) => actor.display)).toEqual(["Testcase Driver"]);
  const names = allOf<Practitioner>(bundle, "Practitioner").map(({ name }) => name?.[0]?.text);
  expect(names).toContain("Testcase Driver");
});

it("keeps an entry of a kind this version does not know in the narrative", () => {
  const { add, start } = adult();
  const text = documentText([...start, add("burns-chart", { area: "9 %" })]);
  expect(text).toContain("burns-chart v1");
  expect(text).toContain("area: 9 %");
});

it("writes the document that the golden file has", () => {
  const { add, strike } = sampleEntries();
  const drug = add("drug", { drug: "Aspirin", dose: { value: "300", unit: "mg" }, route: "oral" });
  const entries = [
    add("incident", sampleIncident),
    add("patient", samplePatient),
    add("allergies", { allergies: { no: "not-asked" } }),
    add("observations", { temperature: reading("36.0"), pulse: reading("88") }),
    drug,
    strike(drug),
  ];
  const { entry, ...bundle } = handoverBundle(logLines(entries), sampleContext);
  // One resource a line, so that a difference names its resource.
  const text = [bundle, ...entry!].map((line) => `${JSON.stringify(line)}\n`).join("");
  const file = join(import.meta.dirname, "golden", "short-handover.ndjson");
  if (process.env.HOLDFAST_WRITE_GOLDEN === "1") writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, "utf8"));
});
