import type { News2Parameter } from "#domain/observations/news2.ts";
import type { Vital } from "#domain/observations/observations.ts";
import { vitalWords } from "#domain/observations/words.ts";
import type { CodeableConcept, Coding } from "./r4.ts";

/** Only the codes the profiles need (clinical.md); what has none here goes as text. */
const snomed = (code: string): Coding => ({ system: "http://snomed.info/sct", code });
const loinc = (code: string): Coding => ({ system: "http://loinc.org", code });
const concept = (text: string, ...coding: Coding[]): CodeableConcept =>
  coding.length > 0 ? { coding, text } : { text };

const vitalCoding: Record<Vital, Coding[]> = {
  respirations: [snomed("86290005"), loinc("9279-1")],
  spo2: [snomed("431314004"), loinc("2708-6")],
  systolic: [loinc("8480-6")],
  diastolic: [loinc("8462-4")],
  // Felt or counted, and from an ECG: one code, told apart by text and method.
  pulse: [snomed("364075005"), loinc("8867-4")],
  heartRate: [snomed("364075005"), loinc("8867-4")],
  temperature: [snomed("276885007"), loinc("8310-5")],
  pain: [loinc("72514-3")],
  glucose: [loinc("15074-8")],
  etco2: [loinc("19891-1")],
  capillaryRefill: [],
  oxygenFlow: [snomed("371825009")],
};
export const vitalCode = (vital: Vital): CodeableConcept => concept(vitalWords[vital].label, ...vitalCoding[vital]);

export const codes = {
  bloodPressure: concept("Blood pressure", snomed("75367002"), loinc("85354-9")),
  acvpu: concept("Consciousness (ACVPU)", snomed("1104441000000107")),
  inspired: concept("Breathing air or oxygen"),
  gcs: concept("Glasgow Coma Scale", loinc("9269-2")),
  gcsEye: concept("GCS eye opening", loinc("9267-6")),
  gcsVerbal: concept("GCS verbal response", loinc("9270-0")),
  gcsMotor: concept("GCS motor response", loinc("9268-4")),
  news2: concept("NEWS2 total score", snomed("1104051000000101")),
  weight: concept("Body weight", snomed("27113001")),
  noKnownAllergy: concept("No known allergy", snomed("716186003")),
} satisfies Record<string, CodeableConcept>;

/** Score of one NEWS2 parameter; SpO2 has a code for each scale. */
export const news2PartCode = (parameter: News2Parameter, scale: 1 | 2): CodeableConcept => {
  const [code, text] = parameter === "spo2" ? news2Spo2[scale] : news2Parts[parameter];
  return concept(text, snomed(code));
};
const news2Spo2 = {
  1: ["1104311000000102", "NEWS2 score for oxygen saturation, scale 1"],
  2: ["1104321000000108", "NEWS2 score for oxygen saturation, scale 2"],
} as const;
const news2Parts = {
  respirations: ["1104301000000104", "NEWS2 score for respirations"],
  inspired: ["1104331000000105", "NEWS2 score for air or oxygen"],
  systolic: ["1104341000000101", "NEWS2 score for systolic blood pressure"],
  pulse: ["1104351000000103", "NEWS2 score for pulse"],
  acvpu: ["1104361000000100", "NEWS2 score for consciousness"],
  temperature: ["1104371000000107", "NEWS2 score for temperature"],
} as const;

/** Codes that only this project defines, under a name that can never be somebody else's (RFC 6761). */
export const ownSystem = (name: string): string => `https://holdfast.example/fhir/${name}`;
export const own = (name: string, code: string, text: string): CodeableConcept => ({
  coding: [{ system: ownSystem(name), code, display: text }],
  text,
});
