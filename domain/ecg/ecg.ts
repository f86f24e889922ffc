import * as z from "zod/mini";
import { longText, shortText } from "../entry/entry.ts";

/** Kind `ecg`: a recording kept as the entry's first blob (`monitoring/ecg-file.ts` has its format). */
export const ecg = z.object({
  leads: z.array(z.string().check(z.maxLength(12))).check(z.maxLength(32)),
  samplesPerSecond: z.int().check(z.positive(), z.maximum(100_000)),
  samplesPerLead: z.int().check(z.nonnegative()),
  source: z.optional(shortText),
  /** The monitor's own interpretation, marked as such wherever it shows. */
  monitorSays: z.optional(longText),
  crewSays: z.optional(longText),
});
/** Media type of an ECG blob in the project's own format. */
export const ecgMime = "application/vnd.holdfast.ecg";
