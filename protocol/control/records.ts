import * as z from "zod/mini";
import { uuid } from "#domain/entry/entry.ts";
import { reasonText } from "./page.ts";

/** Why nearly everybody is asked for a reason before they open it. */
export const restrictions = ["staff", "vip"] as const;
/** Who asked for the copy. */
export const copyFor = ["person", "coroner", "court"] as const;
export const withheldMax = 1_000;

/** One line of a record as the records office reads it: all its versions and what struck it go by the first one's id. */
export const deskLine = z.object({
  rootId: uuid,
  occurredAt: z.string(),
  title: z.string(),
  detail: z.string(),
  author: z.string(),
  struck: z.boolean(),
});
export type DeskLine = z.infer<typeof deskLine>;

/** `GET /control/v1/records/{recordId}`: the record, and what the desk has decided about it. Asks for a reason. */
export const deskRecord = z.object({
  lines: z.array(deskLine),
  demonstration: z.boolean(),
  restricted: z.optional(z.enum(restrictions)),
  hold: z.boolean(),
  /** The day on which the trust's retention term has ended: before it, a disposal is an early one. */
  keepUntil: z.iso.date(),
  /** Somebody proposed, at this instant, that the record end; nobody has decided. */
  proposed: z.optional(z.iso.datetime()),
  /** The record ended then: what is shown came afterwards. */
  disposed: z.optional(z.iso.datetime()),
  /** Of the decisions' last control line; 0 before the first. */
  position: z.int(),
});
export type DeskRecord = z.infer<typeof deskRecord>;

/** `POST /control/v1/records/{recordId}/marks`. `hold`: a legal hold, under which nothing of the record may end. */
export const recordMarks = z.object({
  restricted: z.optional(z.enum(restrictions)),
  hold: z.boolean(),
  reason: reasonText,
  expected: z.int(),
});
export type RecordMarks = z.infer<typeof recordMarks>;

/** `POST /control/v1/records/{recordId}/copy`, answered with a PDF that says what was withheld from it and why. */
export const copyRequest = z.object({
  for: z.enum(copyFor),
  withheld: z.array(z.object({ rootId: uuid, reason: reasonText })).check(z.maxLength(withheldMax)),
  reason: reasonText,
});
export type CopyRequest = z.infer<typeof copyRequest>;

/** `POST /control/v1/records/{recordId}/disposal`: proposes that the record end; a second person decides. */
export const disposalProposal = z.object({
  /** Known to be before the end of the retention term; the reason says why it ends all the same. */
  early: z.boolean(),
  reason: reasonText,
  expected: z.int(),
});
export type DisposalProposal = z.infer<typeof disposalProposal>;

/** `GET /control/v1/disposals`: records for which entries came after their end, newest first, 100 at most. */
export const lateRecord = z.object({
  recordId: uuid,
  disposed: z.iso.datetime(),
  entries: z.int(),
  lastReceived: z.iso.datetime(),
});
export type LateRecord = z.infer<typeof lateRecord>;
export const lateRecords = z.object({ rows: z.array(lateRecord) });
