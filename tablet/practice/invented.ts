import type { Patient } from "#domain/patient/patient.ts";

/** Nobody has such a name, and the number's range, 999, is never issued. */
export const inventedPatient: Patient = {
  identity: "stated",
  familyName: "PRACTICE-NOBODY",
  givenName: "Not A Patient",
  nhsNumber: { is: "9999999999" },
  ageYears: 58,
  gender: "female",
  weight: { quantity: { value: "70", unit: "kg" }, how: "stated" },
};

export const inventedConcern = "PRACTICE: chest pain, invented";

/** No department of anybody's. */
export const inventedSite = { siteId: "practice", name: "Practice department, no real one" };
