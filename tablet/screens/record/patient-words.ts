import type { Patient } from "#domain/patient/patient.ts";

/** `WHITE, Margaret`, family name first as lists are read; who is not known yet is said so. */
export const patientName = (patient: Patient | undefined): string => {
  const family = patient?.familyName?.trim().toUpperCase();
  const given = patient?.givenName?.trim();
  if (family && given) return `${family}, ${given}`;
  return family || given || "Name not known";
};

/** Identity strength as a chip has room for it; `identityWords` in the domain has the long form. */
export const identityChip: Record<Patient["identity"], string> = {
  unknown: "identity not known",
  stated: "name stated",
  traced: "✓ traced",
  "two-identifiers": "✓ two identifiers",
};

/** Hours and minutes since an instant, `00:23`. */
export const elapsedText = (since: string, nowMs: number): string => {
  const minutes = Math.max(0, Math.floor((nowMs - Date.parse(since)) / 60_000));
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
};
