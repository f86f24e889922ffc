import * as z from "zod/mini";
import { answer } from "../entry/answer.ts";
import { shortText } from "../entry/entry.ts";
import { quantity } from "../entry/quantity.ts";

/** How sure we are who this is (clinical.md, "Identity"). */
export const identityStrengths = ["unknown", "stated", "traced", "two-identifiers"] as const;

export const date = z.string().check(z.regex(/^\d{4}-\d\d-\d\d$/));

/** Kind `patient`: who the patient is, as far as known. A later entry of this kind amends the earlier one. */
export const patient = z.object({
  identity: z.enum(identityStrengths),
  familyName: z.optional(shortText),
  givenName: z.optional(shortText),
  /** Ten digits without spaces. Checked by Modulus 11 and flagged, never refused. */
  nhsNumber: z.optional(answer(z.string().check(z.regex(/^\d{10}$/)))),
  birthDate: z.optional(answer(date)),
  /** Whole years, where no birth date is known; estimated by the crew. */
  ageYears: z.optional(z.int().check(z.minimum(0), z.maximum(130))),
  /** The crew's choice where age is not known: which early warning score applies. */
  ageGroup: z.optional(z.enum(["adult", "child"])),
  /** FHIR administrative gender. */
  gender: z.optional(z.enum(["female", "male", "other", "unknown"])),
  pregnant: z.optional(answer(z.boolean())),
  weight: z.optional(z.object({ quantity, how: z.enum(["measured", "stated", "estimated"]) })),
  address: z.optional(shortText),
  postcode: z.optional(shortText),
  gp: z.optional(shortText),
});
export type Patient = z.infer<typeof patient>;

export const allergy = z.object({
  substance: shortText,
  reaction: z.optional(shortText),
  severity: z.optional(z.enum(["mild", "moderate", "severe"])),
});

/** Kind `allergies`: the whole list as known now; replaces the list it amends. */
export const allergies = z.object({ allergies: answer(z.array(allergy).check(z.minLength(1), z.maxLength(50))) });
export type Allergies = z.infer<typeof allergies>;
