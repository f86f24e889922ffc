import * as z from "zod/mini";
import { author, shortText } from "../entry/entry.ts";
import { quantity } from "../entry/quantity.ts";

/** Kind `drug`: a drug that was given. It is a fact: always recorded, flagged where it must be, never refused. */
export const drug = z.object({
  drug: shortText,
  /** The presentation, because 1 mg/1 ml and 1 mg/10 ml are two items. */
  presentation: z.optional(shortText),
  dose: z.optional(quantity),
  volume: z.optional(quantity),
  route: z.optional(shortText),
  indication: z.optional(shortText),
  batch: z.optional(shortText),
  /** Who gave it, where that is not the author: a colleague, an earlier crew, the patient. */
  givenBy: z.optional(z.enum(["author", "crew", "earlier-crew", "patient", "other"])),
  /** By name, where that is known: from a paper form, whose every row says who gave it. */
  giver: z.optional(author),
  witness: z.optional(author),
  /** Guards that spoke before it was given, and what the crew answered. */
  overrides: z.optional(z.array(z.object({ guard: shortText, reason: shortText })).check(z.maxLength(10))),
});
export type Drug = z.infer<typeof drug>;
