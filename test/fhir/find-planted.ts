import type {
  AllergyIntolerance,
  Bundle,
  MedicationAdministration,
  Observation,
  Reference,
  Resource,
} from "#sharing/fhir/r4.ts";
import { escapeXml } from "#sharing/fhir/words.ts";
import { whenText } from "#sharing/when.ts";
import type { Planted } from "./planted-record.ts";

/** A document whose numbers are the text they were sent as, so that 36.0 is not 36. */
export const parseKeepingDigits = (text: string): Bundle => {
  const keep = (_key: string, value: unknown, context?: { source?: string }) =>
    typeof value === "number" ? context?.source : value;
  return JSON.parse(text, keep as (key: string, value: unknown) => unknown) as Bundle;
};

/** Whether a receiver finds it: by value, unit, time and author. */
export const isFound = (bundle: Bundle, planted: Planted): boolean => {
  const resources = (bundle.entry ?? []).map(({ resource }) => resource!);
  const isBy = (reference: Reference | undefined) => nameOf(resources, reference) === planted.author;
  const of = <R extends Resource>(type: R["resourceType"]) =>
    resources.filter((resource) => resource.resourceType === type) as unknown as R[];
  switch (planted.what) {
    case "vital":
      return of<Observation>("Observation").some(
        ({ effectiveDateTime, performer, valueQuantity, component }) =>
          effectiveDateTime === planted.at &&
          isBy(performer?.[0]) &&
          [valueQuantity, ...(component ?? []).map((part) => part.valueQuantity)].some(
            (quantity) => String(quantity?.value) === planted.value && quantity?.code === planted.unit,
          ),
      );
    case "drug":
      return of<MedicationAdministration>("MedicationAdministration").some(
        ({ effectiveDateTime, performer, dosage, medicationCodeableConcept }) =>
          effectiveDateTime === planted.at &&
          isBy(performer?.[0]?.actor) &&
          medicationCodeableConcept?.text === planted.drug &&
          String(dosage?.dose?.value) === planted.value &&
          dosage?.dose?.code === planted.unit,
      );
    case "allergy":
      return of<AllergyIntolerance>("AllergyIntolerance").some(
        ({ recordedDate, recorder, code }) =>
          recordedDate === planted.at && isBy(recorder) && code?.text === planted.substance,
      );
    case "words": {
      const row = [whenText(planted.at), "Note", planted.words, `${planted.author}, Paramedic`];
      return JSON.stringify(resources).includes(
        JSON.stringify(row.map((cell) => `<td>${escapeXml(cell)}</td>`).join("")).slice(1, -1),
      );
    }
  }
};

const nameOf = (resources: readonly Resource[], reference: Reference | undefined): string | undefined => {
  const found = resources.find(({ resourceType, id }) => reference?.reference === `${resourceType}/${id}`);
  return found?.resourceType === "Practitioner" ? (found as { name?: { text?: string }[] }).name?.[0]?.text : undefined;
};
