import { awaitsCoSign } from "#domain/co-signature/resolve.ts";
import type { BodyOf, EntryOf } from "#domain/kinds.ts";
import { isValidNhsNumber } from "#domain/patient/nhs-number.ts";
import type { identityStrengths } from "#domain/patient/patient.ts";
import { practiceReference } from "./agents.ts";
import { codes, ownSystem } from "./codes.ts";
import { absentPrimitive, absentReason } from "./no.ts";
import { observationBase, quantityOf } from "./observation.ts";
import type { Parts } from "./parts.ts";
import type { Identifier, Observation, Patient } from "./r4.ts";
import { metaOf, text, type Versions, type View, withAwaitedTag } from "./view.ts";
import { words } from "./words.ts";

const ukCore = "https://fhir.hl7.org.uk";

/**
 * The patient of this record and of no other: two records of one person are two Patients, because a record binds to its
 * incident and never to a search hit.
 */
export const patientOf = (view: View): Patient => {
  const body = view.record.patient?.body;
  const touchedBy = view.versions
    .filter(({ line }) => line.entry.kind === "patient")
    .flatMap((versions) => versions.touchedBy);
  const nhsNumber = body && nhsNumberOf(body);
  const family = words(body?.familyName);
  const given = words(body?.givenName);
  const address = words(body?.address);
  const postalCode = words(body?.postcode);
  const birthDate = body?.birthDate;
  const said = view.record.lines.find(({ entry }) => entry.id === view.record.patient?.entry.id);
  const patient: Patient = {
    resourceType: "Patient",
    id: view.record.recordId,
    meta: metaOf(
      view,
      touchedBy.length > 0 ? touchedBy : view.lines.slice(0, 1).map(({ entry }) => entry),
      "UKCore-Patient",
    ),
    ...(body && {
      extension: [{ url: ownSystem("StructureDefinition/identity-strength"), valueCode: body.identity }],
    }),
    identifier: [{ system: ownSystem("record"), value: view.record.recordId }, ...(nhsNumber ? [nhsNumber] : [])],
    ...((family || given) && { name: [{ ...(family && { family }), ...(given && { given: [given] }) }] }),
    ...(body?.gender && { gender: body.gender }),
    ...(birthDate && ("is" in birthDate ? birthDateOf(birthDate.is) : { _birthDate: absentPrimitive(birthDate.no) })),
    ...((address || postalCode) && {
      address: [{ ...(address && { text: address }), ...(postalCode && { postalCode }) }],
    }),
    ...(body?.gp && { generalPractitioner: [practiceReference(view, body.gp)] }),
  };
  return withAwaitedTag(patient, said !== undefined && awaitsCoSign(said));
};

/** 30 February was written, and is no date: it is in the narrative, but FHIR has no place for it. */
const birthDateOf = (date: string): Partial<Pick<Patient, "birthDate" | "_birthDate">> =>
  isCalendarDate(date) ? { birthDate: date } : { _birthDate: absentPrimitive("not-known") };
const isCalendarDate = (date: string): boolean => {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date);
};

/**
 * How the number was traced, in the NHS Data Dictionary's codes. Two identifiers confirm who the patient is, but only a
 * trace confirms the number.
 */
const verification: Record<(typeof identityStrengths)[number], [code: string, display: string]> = {
  unknown: ["03", "Trace required"],
  stated: ["02", "Number present but not traced"],
  "two-identifiers": ["02", "Number present but not traced"],
  traced: ["01", "Number present and verified"],
};

const nhsNumberOf = ({ nhsNumber, identity }: BodyOf<"patient">): Identifier | undefined => {
  const system = "https://fhir.nhs.uk/Id/nhs-number";
  if (!nhsNumber) return undefined;
  if ("no" in nhsNumber) return { system, _value: absentPrimitive(nhsNumber.no) };
  // A wrong check digit: kept, but not under the name of NHS numbers, where somebody would match it.
  if (!isValidNhsNumber(nhsNumber.is))
    return { system: ownSystem("nhs-number-wrong-check-digit"), value: nhsNumber.is };
  const [code, display] = verification[identity];
  const coding = [{ system: `${ukCore}/CodeSystem/UKCore-NHSNumberVerificationStatusEngland`, code, display }];
  return {
    extension: [
      {
        url: `${ukCore}/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus`,
        valueCodeableConcept: { coding },
      },
    ],
    system,
    value: nhsNumber.is,
  };
};

/** What the patient's entry says that FHIR holds as observations. */
export const patientParts = (view: View, versions: Versions, known: EntryOf<"patient">): Parts<Observation> => {
  const { weight, pregnant, ageYears } = known.body;
  const parts: Parts<Observation> = new Map();
  const base = (suffix: string, code: Observation["code"]) =>
    observationBase(view, versions, suffix, code, known.occurredAt, known.author);
  if (weight)
    parts.set("weight", {
      ...base("weight", codes.weight),
      valueQuantity: quantityOf(weight.quantity.value, weight.quantity.unit),
      method: text(weight.how),
    });
  if (ageYears !== undefined)
    parts.set("age", {
      ...base("age", text("Age, stated or estimated")),
      valueQuantity: quantityOf(String(ageYears), "a"),
    });
  if (pregnant)
    parts.set("pregnant", {
      ...base("pregnant", text("Pregnant")),
      ...("is" in pregnant ? { valueBoolean: pregnant.is } : { dataAbsentReason: absentReason(pregnant.no) }),
    });
  return parts;
};
