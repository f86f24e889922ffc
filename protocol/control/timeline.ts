import * as z from "zod/mini";
import { instant, uuid } from "#domain/entry/entry.ts";

/** Query of `GET /control/v1/timeline`: what the base received from an instant until before another. `before`: `next` of the page before. */
export const timelineQuery = z.object({
  device: z.optional(uuid),
  /** A user id. */
  account: z.optional(z.string().check(z.minLength(1), z.maxLength(100))),
  record: z.optional(uuid),
  from: instant,
  to: instant,
  before: z.optional(z.string().check(z.regex(/^(\d{1,9}\.\d{1,15}-){2}\d{1,9}\.\d{1,15}$/))),
});
export type TimelineQuery = z.infer<typeof timelineQuery>;

/** One line of a log, in ids and codes. Names no patient. */
export const timelineRow = z.object({
  log: z.enum(["care", "access", "control"]),
  epoch: z.int(),
  position: z.int(),
  /** As it is stored, which a change at the database may have made no time. */
  received: z.string(),
  /** What a device's clock said. */
  claimed: z.nullable(z.string()),
  /** Names of people and devices of the trust, or their ids. */
  person: z.nullable(z.string()),
  device: z.nullable(z.string()),
  zone: z.nullable(z.string()),
  outcome: z.enum(["allowed", "refused", "unknown"]),
  words: z.string(),
  /** The first of them, and how many. */
  records: z.array(z.string()),
  recordCount: z.int(),
  /** Why what it says may not be what was stored. */
  fault: z.nullable(z.string()),
});
export type TimelineRow = z.infer<typeof timelineRow>;

/** Newest first. `next` without lines: so many were read and none fits; the search goes on from there. */
export const timelinePage = z.object({ lines: z.array(timelineRow), next: z.nullable(z.string()) });
export type TimelinePage = z.infer<typeof timelinePage>;
