import * as z from "zod/mini";
import { harmOutcomes, missing } from "#protocol/control/outages.ts";

/** What the control log holds of outages. Instants are ISO 8601 in UTC. Names no patient. */

/** Kind `outage`; subject id: a UUID. */
export const outageSubject = z.object({
  from: z.string(),
  to: z.string(),
  lateMinutes: z.int(),
  by: z.string(),
  reason: z.string(),
  since: z.string(),
  listedAt: z.optional(z.string()),
});
export type OutageSubject = z.infer<typeof outageSubject>;

export const outageContact = z.object({
  recordId: z.optional(z.string()),
  forms: z.array(z.string()),
  devices: z.array(z.string()),
  firstAt: z.optional(z.string()),
  lastAt: z.optional(z.string()),
  missing: z.array(missing),
});
/** One contact of an outage, as the logs tell of it. */
export type OutageContact = z.infer<typeof outageContact>;

/** Kind `outage-contact`; subject id: the outage's id, `.`, the contact's. */
export const contactSubject = z.extend(outageContact, {
  /** Something came to `missing` after the review. */
  more: z._default(z.boolean(), false),
  outcome: z.optional(z.enum(harmOutcomes)),
  words: z.optional(z.string()),
  reviewer: z.optional(z.string()),
});

export const contactKey = (outageId: string, contactId: string): string => `${outageId}.${contactId}`;
