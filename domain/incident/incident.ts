import * as z from "zod/mini";
import { author, instant, shortText } from "../entry/entry.ts";

/** Kind `incident`: the emergency call and the vehicle that answered it. The first entry of every record. */
export const incident = z.object({
  /** The dispatch system's number for the call. */
  cadNumber: z.optional(shortText),
  callSign: shortText,
  vehicle: z.optional(shortText),
  crew: z.array(author).check(z.maxLength(12)),
  priority: z.optional(shortText),
  location: z.optional(shortText),
  /** True for every record of a demonstration: each screen and page that shows it says so. */
  demonstration: z.optional(z.boolean()),
});

/** Times of an ambulance response, in the order they normally happen (clinical.md, "The ambulance record"). */
export const milestones = [
  "call-connected",
  "allocated",
  "mobile",
  "at-scene",
  "at-patient",
  "left-scene",
  "at-hospital",
  "handed-over",
  "clear",
  "stood-down",
] as const;

/** Kind `milestone`: the response reached a point; its time is the entry's `occurredAt`. */
export const milestone = z.object({ milestone: z.enum(milestones), at: z.optional(instant) });
