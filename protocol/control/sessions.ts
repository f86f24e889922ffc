import * as z from "zod/mini";
import { uuid } from "#domain/entry/entry.ts";
import { pageOf, reasonText } from "./page.ts";

/** `GET /control/v1/sessions`, one row: who is signed in just now, newest use first. */
export const sessionRow = z.object({
  sessionId: uuid,
  userId: z.optional(z.string()),
  person: z.optional(z.string()),
  deviceId: z.optional(uuid),
  device: z.optional(z.string()),
  zone: z.string(),
  started: z.iso.datetime(),
  used: z.iso.datetime(),
  ends: z.iso.datetime(),
  /** The caller's own. */
  own: z.boolean(),
});
export type SessionRow = z.infer<typeof sessionRow>;
export const sessionsResponse = pageOf(sessionRow);

/** `POST /control/v1/sessions/{sessionId}/end`. */
export const sessionEnd = z.object({ reason: reasonText });
