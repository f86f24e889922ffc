import type { CapabilityStatement } from "./r4.ts";
import { readableTypes } from "./read.ts";
import type { FhirContext } from "./view.ts";

/** What the FHIR interface can do. It claims no conformance to a guide: the profiles are those the resources follow. */
export const capabilityOf = ({ base, now }: Pick<FhirContext, "base" | "now">): CapabilityStatement => ({
  resourceType: "CapabilityStatement",
  status: "active",
  date: now,
  kind: "instance",
  software: { name: "Holdfast" },
  implementation: {
    description: "Ambulance records of one trust, as far as the caller's site may read them",
    url: base,
  },
  fhirVersion: "4.0.1",
  format: ["application/fhir+json"],
  rest: [
    {
      mode: "server",
      security: {
        service: [
          {
            coding: [
              { system: "http://terminology.hl7.org/CodeSystem/restful-security-service", code: "SMART-on-FHIR" },
            ],
          },
        ],
        description:
          "SMART Backend Services: .well-known/smart-configuration says how another system gets a token, which its trust's desk may bind to a key (DPoP, RFC 9449). People read with the DPoP token of a screen enrolled at their site. Each read is written to the access log.",
      },
      resource: [
        ...readableTypes.map((type) => ({
          type,
          ...(ukCore.has(type) && {
            supportedProfile: [`https://fhir.hl7.org.uk/StructureDefinition/UKCore-${type}`],
          }),
          interaction: (["read", "vread", "history-instance"] as const).map((code) => ({ code })),
          versioning: "versioned" as const,
          readHistory: true,
          ...(type === "Composition" && {
            operation: [
              { name: "document", definition: "http://hl7.org/fhir/OperationDefinition/Composition-document" },
            ],
          }),
        })),
        { type: "Bundle", interaction: [{ code: "read" as const }], versioning: "versioned" as const },
        { type: "Binary", interaction: [{ code: "read" as const }], versioning: "no-version" as const },
      ],
    },
  ],
});

const ukCore: ReadonlySet<string> = new Set([
  "Composition",
  "Patient",
  "Encounter",
  "Practitioner",
  "Organization",
  "Observation",
  "MedicationAdministration",
  "AllergyIntolerance",
]);
