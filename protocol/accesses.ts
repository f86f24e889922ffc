import * as z from "zod/mini";
import { author, instant, uuid } from "#domain/entry/entry.ts";
import { lookUpWay } from "./find.ts";
import { limits } from "./limits.ts";
import { serverState } from "./server-state.ts";

/**
 * What somebody did on a device and no server saw: a record that it held already was opened, or a patient was looked up and nobody
 * answered.
 */
export const deviceAccess = z
  .object({
    /** Given by the device; the server stores each once. */
    id: uuid,
    /** What was opened, or what was being written when somebody looked up; absent for a look-up from no record. */
    recordId: z.optional(uuid),
    /** A look-up that no server answered. Whom it was for is not told. */
    unanswered: z.optional(lookUpWay),
    /** Who was signed in; absent for nobody. */
    person: z.optional(author),
    /** By the device's clock, as it was. */
    at: instant,
    /** Why, in the person's words, where a record asks for it. */
    reason: z.optional(z.string().check(z.minLength(1), z.maxLength(500))),
  })
  .check(z.refine(({ recordId, unanswered }) => recordId !== undefined || unanswered !== undefined));
export type DeviceAccess = z.infer<typeof deviceAccess>;

/** `POST /sync/v1/accesses`: what was opened or looked up without the server, told when it is back. */
export const accessesRequest = z.object({
  protocol: z.int(),
  accesses: z.array(deviceAccess).check(z.minLength(1), z.maxLength(limits.accessesMax)),
});
export type AccessesRequest = z.infer<typeof accessesRequest>;

/** The ids that are durable now, or were before; the device forgets these and no others. */
export const accessesResponse = z.object({ server: serverState, stored: z.array(uuid) });
export type AccessesResponse = z.infer<typeof accessesResponse>;

/** A line of the access log as those may read it who ask about a record or an account. Names no patient. */
export const shownAccess = z.object({
  epoch: z.int(),
  position: z.int(),
  received: instant,
  deviceId: z.optional(z.string()),
  person: z.optional(z.object({ userId: z.string(), name: z.string(), roles: z.array(z.string()) })),
  zone: z.string(),
  action: z.string(),
  purpose: z.string(),
  relation: z.string(),
  recordIds: z.array(z.string()),
  reason: z.optional(z.string()),
  detail: z.optional(z.string()),
  /** When it was, by the clock of a device that told of it later. */
  offlineAt: z.optional(instant),
  /** When a server noted it that could not write the log then; `received` is when the log took it. */
  notedAt: z.optional(instant),
});
export type ShownAccess = z.infer<typeof shownAccess>;

/** `GET /records/v1/{recordId}/accesses?before=`: who has seen this record, newest first. */
export const recordAccessesResponse = z.object({
  server: serverState,
  accesses: z.array(shownAccess),
  /** Goes into `before` of the next call; null after the oldest. */
  next: z.nullable(z.string()),
});
export type RecordAccessesResponse = z.infer<typeof recordAccessesResponse>;
