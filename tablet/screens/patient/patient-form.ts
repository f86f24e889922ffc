import type { Patient } from "#domain/patient/patient.ts";
import { readBirthDate } from "#ui/birth-date.ts";

/** The patient as the form holds it: text as typed, because a half-typed number must not be lost. */
export interface PatientForm {
  familyName: string;
  givenName: string;
  nhsNumber: string;
  nhsNo: "" | "not-known" | "not-asked" | "refused";
  birthDate: string;
  ageYears: string;
  ageGroup: "" | "adult" | "child";
  gender: "" | NonNullable<Patient["gender"]>;
  pregnant: "" | "yes" | "no" | "not-known" | "not-asked" | "refused";
  weight: string;
  weightHow: "measured" | "stated" | "estimated";
  identity: Patient["identity"];
  address: string;
  postcode: string;
  gp: string;
}

const isOf = <T>(answer: { is: T } | { no: string } | undefined): T | undefined =>
  answer !== undefined && "is" in answer ? answer.is : undefined;
const noOf = (answer: { is: unknown } | { no: string } | undefined): string | undefined =>
  answer !== undefined && "no" in answer ? answer.no : undefined;

export const patientForm = (patient: Patient | undefined): PatientForm => {
  const pregnant = isOf(patient?.pregnant);
  return {
    familyName: patient?.familyName ?? "",
    givenName: patient?.givenName ?? "",
    nhsNumber: isOf(patient?.nhsNumber) ?? "",
    nhsNo: (noOf(patient?.nhsNumber) ?? "") as PatientForm["nhsNo"],
    birthDate: isOf(patient?.birthDate)?.split("-").reverse().join(" ") ?? "",
    ageYears: patient?.ageYears?.toString() ?? "",
    ageGroup: patient?.ageGroup ?? "",
    gender: patient?.gender ?? "",
    pregnant:
      pregnant === undefined ? ((noOf(patient?.pregnant) ?? "") as PatientForm["pregnant"]) : pregnant ? "yes" : "no",
    weight: patient?.weight?.quantity.value ?? "",
    weightHow: patient?.weight?.how ?? "stated",
    identity: patient?.identity ?? "unknown",
    address: patient?.address ?? "",
    postcode: patient?.postcode ?? "",
    gp: patient?.gp ?? "",
  };
};

export const digitsOnly = (text: string): string => text.replace(/\D/g, "");

export interface PatientRead {
  body: Patient;
  /** What could not be read and is left out, in plain words; saved without it. */
  flags: string[];
}

/** The body of kind `patient`. What cannot be read is named, left out, and never keeps the rest from being saved. */
export const readPatientForm = (form: PatientForm): PatientRead => {
  const flags: string[] = [];
  const body: Patient = { identity: form.identity };
  for (const key of ["familyName", "givenName", "address", "postcode", "gp"] as const)
    if (form[key].trim()) body[key] = form[key].trim().slice(0, 200);
  const nhsNumber = digitsOnly(form.nhsNumber);
  if (nhsNumber.length === 10) body.nhsNumber = { is: nhsNumber };
  else if (nhsNumber !== "") flags.push(`NHS number has ${nhsNumber.length} of 10 digits`);
  else if (form.nhsNo !== "") body.nhsNumber = { no: form.nhsNo };
  const birthDate = readBirthDate(form.birthDate);
  if (birthDate !== undefined) body.birthDate = { is: birthDate };
  else if (form.birthDate.trim() !== "") flags.push("Date of birth is not a date yet");
  const age = digitsOnly(form.ageYears);
  if (age !== "" && Number(age) <= 130) body.ageYears = Number(age);
  else if (form.ageYears.trim() !== "") flags.push("Age must be whole years, 0 to 130");
  if (form.ageGroup !== "") body.ageGroup = form.ageGroup;
  if (form.gender !== "") body.gender = form.gender;
  if (form.pregnant === "yes" || form.pregnant === "no") body.pregnant = { is: form.pregnant === "yes" };
  else if (form.pregnant !== "") body.pregnant = { no: form.pregnant };
  if (/^(0|[1-9]\d{0,2})(\.\d{1,2})?$/.test(form.weight.trim()))
    body.weight = { quantity: { value: form.weight.trim(), unit: "kg" }, how: form.weightHow };
  else if (form.weight.trim() !== "") flags.push("Weight must be kilograms, like 68 or 7.5");
  return { body, flags };
};
