import * as z from "zod/mini";
import { sha256Hex, uuid } from "#domain/entry/entry.ts";
import { deviceStates } from "./device.ts";
import { downtime } from "./downtime.ts";
import { lockRules, rosterPerson } from "./enrolment.ts";
import { siteKey, wrappedSiteKeys } from "./film.ts";
import { publicJwk, signedStatement } from "./grants.ts";
import { limits } from "./limits.ts";
import { need, place } from "./push.ts";
import { serverState } from "./server-state.ts";

/** The last entry of a chain that a device holds, with its author's signature (`headStatement`) where the device has one. */
export const signedHead = z.object({
  deviceId: uuid,
  recordId: uuid,
  n: place,
  hash: sha256Hex,
  signature: z.optional(z.string().check(z.maxLength(200))),
});
export type SignedHead = z.infer<typeof signedHead>;

/**
 * `POST /identity/v1/heartbeat`: which chains a device holds, and that it is the only one with its key. What does not fit one
 * message goes in pages, each a heartbeat with a counter of its own.
 */
export const heartbeatRequest = z.object({
  protocol: z.int(),
  /** Stored by the device before each sending, so that none is ever sent twice. */
  counter: z.int().check(z.positive()),
  /** The counter of the last one that was answered, 0 for none: those in between may still be on their way. */
  answered: z.int().check(z.nonnegative()),
  page: z.object({
    at: z.int().check(z.nonnegative(), z.maximum(999)),
    of: z.int().check(z.positive(), z.maximum(1000)),
  }),
  heads: z.array(signedHead).check(z.maxLength(limits.heartbeatHeadsMax)),
  /** The one that the device holds; a first heartbeat may have none. */
  certificate: z.optional(signedStatement),
  /** `roster.tag` of the last answer that had one. */
  roster: z.optional(z.string().check(z.maxLength(100))),
  /** `downtime.tag` of the last answer that had one. */
  downtime: z.optional(z.string().check(z.maxLength(100))),
  /** Of a screen: the key that its site's keys are to be sealed to, and `siteKeys.tag` of the last answer that had one. */
  siteKeys: z.optional(z.object({ sealTo: publicJwk, held: z.optional(z.string().check(z.maxLength(100))) })),
});
export type HeartbeatRequest = z.infer<typeof heartbeatRequest>;

export const heartbeatResponse = z.object({
  server: serverState,
  /** Anything but `active`: this device reads no more, and what it pushes waits for the desk. */
  state: z.enum(deviceStates),
  /** What the base lacks of the chains on this page. */
  need: z.array(need),
  /** Records of these chains that have ended: a pull of them says so. */
  disposed: z.optional(z.array(uuid)),
  /** Of this device's entries, those that the base keeps until the desk releases them. */
  atDesk: z.int(),
  /** For an active device whose certificate still reads, and has run for some days. */
  renewed: z.optional(z.object({ certificate: signedStatement, token: z.string(), issuerKeys: z.array(publicJwk) })),
  /** Where the trust's servers answer (servers.ts), for an active device. */
  servers: z.optional(signedStatement),
  /** For an active tablet: whom it lets in, and how it locks. Absent while nothing has changed since the `tag` it named. */
  roster: z.optional(
    z.object({
      tag: z.string(),
      people: z.array(rosterPerson),
      lockRules,
      /** What to seal to from now on. */
      inboxKey: z.optional(publicJwk),
      /** What to seal films to from now on. */
      siteKeys: z.optional(z.array(siteKey)),
    }),
  ),
  /** For an active tablet: what it shows when nothing else answers. Absent while nothing has changed since the `tag` it named. */
  downtime: z.optional(downtime),
  /** For an active screen that named a key: what opens films for its site. Absent while it has them. */
  siteKeys: z.optional(wrappedSiteKeys),
});
export type HeartbeatResponse = z.infer<typeof heartbeatResponse>;
