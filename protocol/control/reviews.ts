import * as z from "zod/mini";
import { pageOf } from "./page.ts";

/** `proper`: it was right to open. `follow-up`: somebody speaks with the person. `misuse`: it was not theirs to open. */
export const reviewOutcomes = ["proper", "follow-up", "misuse"] as const;

/** `GET /control/v1/reviews`, one row: something that was opened past the usual rules. Names no patient. */
export const reviewRow = z.object({
  reviewId: z.string(),
  /** `sealed-account`, `passkey-code`, or what was done to a record, such as `open`. */
  of: z.string(),
  openedAt: z.iso.datetime(),
  person: z.string(),
  userId: z.optional(z.string()),
  /** By name, who was given a code. */
  for: z.optional(z.string()),
  device: z.optional(z.string()),
  recordId: z.optional(z.string()),
  reason: z.string(),
  /** Absent while nobody has looked at it. */
  outcome: z.optional(z.enum(reviewOutcomes)),
  words: z.optional(z.string()),
  reviewedBy: z.optional(z.string()),
  position: z.int(),
});
export type ReviewRow = z.infer<typeof reviewRow>;
export const reviewsResponse = pageOf(reviewRow);

/** `POST /control/v1/reviews/{reviewId}`. */
export const reviewDone = z.object({
  outcome: z.enum(reviewOutcomes),
  /** What was found, in the reviewer's words. */
  words: z.string().check(z.trim(), z.minLength(3), z.maxLength(500)),
  expected: z.int(),
});
export type ReviewDone = z.infer<typeof reviewDone>;
