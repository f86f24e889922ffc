import type { Entry } from "#domain/entry/entry.ts";
import { handoverBundle } from "#sharing/fhir/bundle.ts";
import type { Bundle } from "#sharing/fhir/r4.ts";
import type { FhirContext } from "#sharing/fhir/view.ts";
import type { LogLine } from "#sharing/log-line.ts";
import { minute, reading, sampleEntries, wholeSet } from "#test/sample-entries.ts";

export const sampleContext: FhirContext = {
  base: "http://care.northmoor.localhost:7402/fhir/R4",
  trust: { id: "northmoor", name: "Northmoor Ambulance Service" },
  now: minute(120),
};

/** Entries as the base's log has them: positions from 101, received an hour into the shift, a second apart. */
export const logLines = (entries: readonly Entry[]): LogLine[] =>
  entries.map((entry, at) => ({
    entry,
    position: 101 + at,
    received: new Date(Date.parse(minute(60)) + at * 1000).toISOString(),
  }));

/** The text that is sent, and what a receiver parses. */
export const documentText = (entries: readonly Entry[]): string =>
  JSON.stringify(handoverBundle(logLines(entries), sampleContext));
export const documentOf = (...entries: Entry[]): Bundle => JSON.parse(documentText(entries)) as Bundle;

export const sampleIncident = {
  callSign: "NM-214",
  cadNumber: "DEMO-CAD-1",
  priority: "C2",
  location: "1 Invented Street",
  crew: [{ userId: "demo-1", name: "Demo Medic", role: "Paramedic", signIn: "pin" }],
  demonstration: true,
};
export const samplePatient = {
  identity: "traced",
  familyName: "DEMO-HILL",
  givenName: "Avis",
  nhsNumber: { is: "9990000018" },
  birthDate: { is: "1954-02-03" },
  gender: "female",
  gp: "Invented Road Surgery",
  weight: { quantity: { value: "61.0", unit: "kg" }, how: "stated" },
};
const site = { siteId: "st-elsewhere-ed", name: "St Elsewhere Emergency Department" };

/** A record with something of everything: amended, struck, accepted, with a file. */
export const sampleShift = (): Entry[] => {
  const { add, amend, strike } = sampleEntries();
  const incident = add("incident", sampleIncident);
  const obs = add(
    "observations",
    wholeSet({ temperature: reading("36.0"), gcs: { is: { eye: 4, verbal: 4, motor: 6 }, from: "hand" } }),
  );
  const wrongDrug = add("drug", { drug: "Morphine", dose: { value: "5", unit: "mg" }, route: "IV" });
  const ecg: Entry = {
    ...add("ecg", { leads: ["I", "II"], samplesPerSecond: 500, samplesPerLead: 5000, monitorSays: "Sinus rhythm" }),
    blobs: [{ sha256: "ab".repeat(32), bytes: 1234, mime: "application/vnd.holdfast.ecg" }],
  };
  return [
    incident,
    add("milestone", { milestone: "call-connected" }),
    add("patient", samplePatient),
    add("presentation", {
      concern: "Chest pain",
      onset: { no: "not-known" },
      history: { is: "Pain since breakfast" },
      pastHistory: { no: "none" },
      medication: { no: "refused" },
    }),
    add("allergies", { allergies: { is: [{ substance: "Penicillin", reaction: "Rash", severity: "mild" }] } }),
    obs,
    amend(obs, wholeSet({ temperature: reading("36.0"), spo2: reading("91") }), {
      name: "Demo Tech",
      role: "Technician",
    }),
    add("drug", {
      drug: "Aspirin",
      presentation: "300 mg tablet",
      dose: { value: "300", unit: "mg" },
      route: "oral",
      givenBy: "crew",
      overrides: [{ guard: "Aspirin was given at 09:50", reason: "that was 75 mg" }],
    }),
    wrongDrug,
    strike(wrongDrug, { reason: "wrong patient" }),
    ecg,
    add("note", { text: "Steady <gait> & calm" }),
    add("destination", { site, eta: minute(40), outcome: "see-and-convey" }),
    add("prealert", { site, concern: "Chest pain", needs: ["Resus"] }),
    add(
      "acceptance",
      { site, acceptedBy: "Sister Demo", role: "Nurse", seen: {} },
      { name: "Sister Demo", role: "Nurse" },
    ),
  ];
};
