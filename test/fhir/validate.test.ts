import { expect, it } from "vitest";
import type { Bundle, Resource } from "#sharing/fhir/r4.ts";
import { describeUkCore } from "./definitions.ts";
import { documentOf, sampleShift } from "./sample-document.ts";
import { findingsIn } from "./validate.ts";

type Breaks = (bundle: Bundle, first: (type: string) => Record<string, never>) => void;

/** Each breaks one rule of an otherwise valid document; a validator that finds none of it would prove nothing. */
const breaks: [what: string, finding: RegExp, breakIt: Breaks][] = [
  ["a gender that is no gender", /gender: “banana”/, (_, first) => set(first("Patient"), { gender: "banana" })],
  [
    "a status of another resource",
    /status: “completed”/,
    (_, first) => set(first("Observation"), { status: "completed" }),
  ],
  ["a missing status", /status/, (_, first) => set(first("Observation"), { status: undefined })],
  ["a missing code", /code/, (_, first) => set(first("Observation"), { code: undefined })],
  ["a property that does not exist", /colour/, (_, first) => set(first("Patient"), { colour: "blue" })],
  [
    "a number as text",
    /value/,
    (_, first) => set(first("MedicationAdministration"), { dosage: { text: "x", dose: { value: "5" } } }),
  ],
  ["a date that is none", /birthDate/, (_, first) => set(first("Patient"), { birthDate: "3 February" })],
  [
    "a wrong check digit",
    /check digit/,
    (_, first) =>
      set(first("Patient"), { identifier: [{ system: "https://fhir.nhs.uk/Id/nhs-number", value: "9990000019" }] }),
  ],
  [
    "an extension value of another type",
    /takes no valueString/,
    (_, first) =>
      set(first("Patient"), {
        extension: [{ url: "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-BirthSex", valueString: "f" }],
      }),
  ],
  [
    "a verification status that is none",
    /77 is not in/,
    (_, first) => set(first("Patient"), { identifier: [{ ...verified("77") }] }),
  ],
  [
    "an extension that nobody defined",
    /no such extension/,
    (_, first) => set(first("Patient"), { extension: [{ url: "https://nobody.example/x", valueString: "f" }] }),
  ],
  [
    "a profile that does not exist",
    /no such profile/,
    (_, first) => set(first("Patient"), { meta: { profile: ["https://nobody.example/p"] } }),
  ],
  [
    "another resource's profile",
    /no such profile of Patient/,
    (bundle, first) => set(first("Patient"), { meta: bundle.entry![0]!.resource!.meta }),
  ],
  [
    "a subject that is no patient",
    /Practitioner is not one of/,
    (bundle, first) => set(first("MedicationAdministration"), { subject: refTo(bundle, "Practitioner") }),
  ],
  [
    "a reference to what is not there",
    /is not in the Bundle/,
    (_, first) => set(first("Encounter"), { subject: { reference: "Patient/nobody" } }),
  ],
  [
    "a dose without a number",
    /mad-1|dose or a dosage/i,
    (_, first) => set(first("MedicationAdministration"), { dosage: { text: "some" } }),
  ],
  [
    "an allergy that is active and in error",
    /ait-2|clinicalStatus/i,
    (_, first) =>
      set(first("AllergyIntolerance"), {
        verificationStatus: {
          coding: [
            {
              system: "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification",
              code: "entered-in-error",
            },
          ],
        },
      }),
  ],
  ["a Composition that is not first", /is no Composition/, (bundle) => void bundle.entry!.reverse()],
  [
    "two Compositions",
    /more than one Composition/,
    (bundle) => void bundle.entry!.push({ ...bundle.entry![0]!, fullUrl: `${bundle.entry![0]!.fullUrl}` }),
  ],
  ["one address twice", /not unique/, (bundle) => void bundle.entry!.push(bundle.entry![1]!)],
  ["no address", /fullUrl: is missing/, (bundle) => set(bundle.entry![2] as never, { fullUrl: undefined })],
  ["no time", /timestamp/, (bundle) => set(bundle as never, { timestamp: undefined })],
  ["no identifier", /identifier/, (bundle) => set(bundle as never, { identifier: undefined })],
  ["another kind of Bundle", /is not document/, (bundle) => set(bundle as never, { type: "collection" })],
];

describeUkCore("validation", () => {
  it("finds nothing in a document that is right", () => {
    expect(findingsIn(documentOf(...sampleShift()))).toEqual([]);
  });

  it.each(breaks)("finds %s", (_what, finding, breakIt) => {
    const bundle = documentOf(...sampleShift());
    breakIt(bundle, (type) => resourceOf(bundle, type) as never);
    // Undefined properties go, as they do on the wire.
    const found = findingsIn(JSON.parse(JSON.stringify(bundle)) as Bundle);
    expect(found.join("\n")).toMatch(finding);
  });
});

const resourceOf = (bundle: Bundle, type: string): Resource =>
  bundle.entry!.map(({ resource }) => resource!).find(({ resourceType }) => resourceType === type)!;
const refTo = (bundle: Bundle, type: string) => ({ reference: `${type}/${resourceOf(bundle, type).id}` });
const set = (target: object, values: object): void => void Object.assign(target, values);
const verified = (code: string) => ({
  extension: [
    {
      url: "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
      valueCodeableConcept: {
        coding: [{ system: "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland", code }],
      },
    },
  ],
  system: "https://fhir.nhs.uk/Id/nhs-number",
  value: "9990000018",
});
