import { noWords } from "../entry/answer.ts";
import { formatNhsNumber, isValidNhsNumber } from "./nhs-number.ts";
import type { Patient } from "./patient.ts";

export const identityWords: Record<Patient["identity"], string> = {
  unknown: "Identity unknown",
  stated: "Identity as stated",
  traced: "Identity traced",
  "two-identifiers": "Identity confirmed by two identifiers",
};

/** `Avis DEMO-HILL`; null where neither part is known. */
export const nameText = (patient: Patient | undefined): string | null =>
  [patient?.givenName, patient?.familyName].filter(Boolean).join(" ") || null;

/** `NHS 999 000 0018`, marked where the check digit is wrong; undefined where the question was not put. */
export const nhsNumberText = (patient: Patient | undefined): string | undefined => {
  const number = patient?.nhsNumber;
  if (!number) return undefined;
  if ("no" in number) return `NHS number ${noWords[number.no].toLowerCase()}`;
  const wrong = isValidNhsNumber(number.is) ? "" : " (check digit does not match)";
  return `NHS ${formatNhsNumber(number.is)}${wrong}`;
};
