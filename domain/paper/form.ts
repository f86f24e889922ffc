import * as z from "zod/mini";
import { instant, longText, shortText } from "../entry/entry.ts";
import { milestones } from "../incident/incident.ts";
import { drug } from "../medication/medication.ts";
import { observations } from "../observations/observations.ts";
import { allergies, patient } from "../patient/patient.ts";
import { presentation } from "../presentation/presentation.ts";

/** Somebody as a form names them: nothing here was signed in. */
export const paperPerson = z.object({
  name: shortText.check(z.minLength(2)),
  staffNumber: z.optional(shortText),
  role: z.optional(shortText),
});
export type PaperPerson = z.infer<typeof paperPerson>;

const times = z.partialRecord(z.enum(milestones), instant);

/** A downtime form as somebody read it off the paper, section by section. What was left blank is absent, never assumed. */
export const paperForm = z.object({
  /** When the form was begun: where a section has no time of its own it counts from here. */
  at: instant,
  author: paperPerson,
  crew: z.array(paperPerson).check(z.maxLength(6)),
  cadNumber: z.optional(shortText),
  callSign: shortText.check(z.minLength(1)),
  vehicle: z.optional(shortText),
  priority: z.optional(shortText),
  location: z.optional(shortText),
  times,
  patient,
  allergies: z.optional(allergies),
  presentation: z.optional(presentation),
  /** `scale`: of SpO2, as circled. */
  observations: z
    .array(z.object({ at: instant, scale: z.optional(z.union([z.literal(1), z.literal(2)])), set: observations }))
    .check(z.maxLength(12)),
  drugs: z
    .array(
      z.object({
        at: instant,
        given: z.omit(drug, { giver: true, witness: true }),
        giver: z.optional(paperPerson),
        witness: z.optional(paperPerson),
      }),
    )
    .check(z.maxLength(20)),
  /** A recording is never on the form: only that it was made, and what the crew read in it. */
  ecg: z.optional(z.object({ taken: z.boolean(), at: z.optional(instant), says: z.optional(longText) })),
  outcome: z.optional(z.enum(["see-and-convey", "see-and-treat", "referred", "refused", "stood-down"])),
  handover: z.optional(
    z.object({ at: instant, to: shortText, role: z.optional(shortText), where: z.optional(shortText) }),
  ),
  notes: z.optional(longText),
});
export type PaperForm = z.infer<typeof paperForm>;
