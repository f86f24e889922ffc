import type { BodyOf } from "#domain/kinds.ts";

/** Nobody has such a name, and the number's range, 999, is never issued. */
const patient: BodyOf<"patient"> = {
  identity: "stated",
  familyName: "PRACTICE-NOBODY",
  givenName: "Not A Patient",
  nhsNumber: { is: "9999999999" },
  ageYears: 58,
  gender: "female",
  weight: { quantity: { value: "70", unit: "kg" }, how: "stated" },
};
const presentation: BodyOf<"presentation"> = { concern: "PRACTICE: chest pain, invented" };
const allergies: BodyOf<"allergies"> = { allergies: { no: "none" } };

/** What a practice's record says when it begins, by kind. */
export const invented = { patient, presentation, allergies };

/** No department of anybody's. */
export const inventedSite = { siteId: "practice", name: "Practice department, no real one" };
