import * as z from "zod/mini";
import { answer } from "../entry/answer.ts";
import { instant, longText, shortText } from "../entry/entry.ts";

/** Kind `presentation`: the headline concern and the story behind it. */
export const presentation = z.object({
  /** What the hospital reads first, in a few words. */
  concern: shortText,
  onset: z.optional(answer(instant)),
  mechanism: z.optional(shortText),
  /** What was found: injuries, signs. */
  findings: z.optional(longText),
  history: z.optional(answer(longText)),
  pastHistory: z.optional(answer(longText)),
  medication: z.optional(answer(longText)),
});
export type Presentation = z.infer<typeof presentation>;
