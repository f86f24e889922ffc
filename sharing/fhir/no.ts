import type { No } from "#domain/entry/answer.ts";
import { noWords } from "#domain/entry/answer.ts";
import type { CodeableConcept, Extension } from "./r4.ts";

/**
 * The four kinds of "no" as FHIR says them, each by a code of its own:
 *
 * | answer    | data-absent-reason | list-empty-reason | allergies                                   |
 * | --------- | ------------------ | ----------------- | ------------------------------------------- |
 * | none      | not-applicable     | nilknown          | AllergyIntolerance 716186003 no known allergy |
 * | not-known | asked-unknown      | unavailable       | Observation without value, asked-unknown     |
 * | not-asked | not-asked          | notasked          | Observation without value, not-asked         |
 * | refused   | asked-declined     | withheld          | Observation without value, asked-declined    |
 *
 * The last three are no AllergyIntolerance: one without a substance would be counted as an allergy by who only counts.
 */
const absentCodes: Record<No["no"], string> = {
  none: "not-applicable",
  "not-known": "asked-unknown",
  "not-asked": "not-asked",
  refused: "asked-declined",
};
const emptyCodes: Record<No["no"], string> = {
  none: "nilknown",
  "not-known": "unavailable",
  "not-asked": "notasked",
  refused: "withheld",
};

export const dataAbsent = (code: string, text: string): CodeableConcept => ({
  coding: [{ system: "http://terminology.hl7.org/CodeSystem/data-absent-reason", code }],
  text,
});

/** For `Observation.dataAbsentReason` and the like. */
export const absentReason = (no: No["no"]): CodeableConcept => dataAbsent(absentCodes[no], noWords[no]);

/** For `Composition.section.emptyReason`. */
export const emptyReason = (no: No["no"]): CodeableConcept => ({
  coding: [{ system: "http://terminology.hl7.org/CodeSystem/list-empty-reason", code: emptyCodes[no] }],
  text: noWords[no],
});

/** For a primitive that is absent: goes on its `_sibling`. */
export const absentExtension = (code: string): Extension => ({
  url: "http://hl7.org/fhir/StructureDefinition/data-absent-reason",
  valueCode: code,
});
export const absentPrimitive = (no: No["no"]): { extension: Extension[] } => ({
  extension: [absentExtension(absentCodes[no])],
});
