import * as z from "zod/mini";
import { pageOf } from "./page.ts";

/** `proper`: it was right to open. `follow-up`: somebody speaks with the person. `misuse`: it was not theirs to open. */
export const reviewOutcomes = ["proper", "follow-up", "misuse"] as const;

/** `GET /control/v1/reviews`, one row: something that was opened past the usual rules. Names no patient. */
export const reviewRow = z.object({
  reviewId: z.string(),
  /**
   * `sealed-account`; `passkey-code`, `pin-code`, `provider-code`; `record`: one was opened; `search`: a patient was looked up, and nothing of it was opened; or
   * what else was done to a record.
   */
  of: z.string(),
  openedAt: z.iso.datetime(),
  person: z.string(),
  userId: z.optional(z.string()),
  /** By name, who was given a code. */
  for: z.optional(z.string()),
  device: z.optional(z.string()),
  recordId: z.optional(z.string()),
  /** The record asks everybody but its crew and its site for a reason: staff, somebody known. */
  restricted: z.optional(z.boolean()),
  /** Of a look-up: how many records it told of. */
  found: z.optional(z.int()),
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
