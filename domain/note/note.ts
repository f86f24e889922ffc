import * as z from "zod/mini";
import { longText, shortText } from "../entry/entry.ts";

/** Kind `note`: free words. */
export const note = z.object({ text: longText });

/** Kind `event`: one tap on the quick-log bar; details may follow by amendment. */
export const event = z.object({
  event: shortText,
  detail: z.optional(longText),
  toFinish: z.optional(z.array(shortText).check(z.maxLength(10))),
});
