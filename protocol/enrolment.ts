import * as z from "zod/mini";
import { uuid } from "#domain/entry/entry.ts";
import { site } from "#domain/handover/handover.ts";
import { siteKey } from "./film.ts";
import { publicJwk, signedStatement } from "./grants.ts";
import { serverState } from "./server-state.ts";

/** `POST /identity/v1/enrol`: a new device presents the one-time code that the desk gave out, and its public key. */
export const enrolRequest = z.object({
  protocol: z.int(),
  code: z.string().check(z.minLength(1), z.maxLength(64)),
  deviceId: uuid,
  publicKey: publicJwk,
  name: z.string().check(z.maxLength(100)),
});
export type EnrolRequest = z.infer<typeof enrolRequest>;

/** A rostered person, with what this tablet needs to let them in without a network. */
export const rosterPerson = z.object({
  userId: z.string(),
  name: z.string(),
  role: z.string(),
  /** As the access policy names them: the tablet asks it whether what this person writes needs a co-signature. */
  roles: z.optional(z.array(z.string())),
  /**
   * How the PIN becomes the key that wraps the tablet's data key: base64url salt, rounds, and that 256-bit key (`pinKeyLabels.wrap`,
   * sign-in.ts). Kept only as the wrap. It makes no proof of the PIN: that key stays at the base. Absent in what a locked tablet is
   * told: whoever had copied it could open it with this.
   */
  pinWrap: z.optional(z.object({ salt: z.string(), rounds: z.int(), key: z.string() })),
  staffNumber: z.optional(z.string()),
  /** A `grantStatement` for this tablet and this person. */
  grant: z.optional(signedStatement),
});
export type RosterPerson = z.infer<typeof rosterPerson>;

/** What the trust has decided about its tablets' locks. */
export const lockRules = z.object({
  /** Minutes without a touch after which a tablet locks by itself. Never in arrest mode. */
  afterMinutes: z.int().check(z.positive(), z.maximum(240)),
  /** Whether a PIN may open a tablet that has no authenticator which could hold the other half of the key. Shown as weak. */
  pinAlone: z.boolean(),
});
export type LockRules = z.infer<typeof lockRules>;

/** A drug of the trust's formulary. Ours is a demonstration and says so. */
export const formularyItem = z.object({
  drug: z.string(),
  presentation: z.optional(z.string()),
  routes: z.array(z.string()),
  doses: z.array(z.object({ value: z.string(), unit: z.string() })),
  /** Substances whose allergy must speak before this is given. */
  allergens: z.array(z.string()),
  controlled: z.optional(z.boolean()),
});
export type FormularyItem = z.infer<typeof formularyItem>;

export const enrolResponse = z.object({
  server: serverState,
  deviceId: uuid,
  trustName: z.string(),
  /** Bearer token of the device, opaque. */
  token: z.string(),
  /** The trust's statement over the device's key (certificate.ts). */
  certificate: z.optional(signedStatement),
  /** A token that only pushes, kept unsealed: a locked tablet sends with it. */
  pushToken: z.optional(z.string()),
  /** Where the trust's servers answer (servers.ts). */
  servers: z.optional(signedStatement),
  /** Keys that verify the trust's signed statements, newest first. */
  issuerKeys: z.optional(z.array(publicJwk)),
  /** Entries are sealed to it, so that a locked tablet can send what it cannot read any more. */
  inboxKey: z.optional(publicJwk),
  /** Of a tablet: films are sealed to the key of the site that they are for. */
  siteKeys: z.optional(z.array(siteKey)),
  lockRules: z.optional(lockRules),
  kind: z.enum(["tablet", "screen"]),
  /** The site of a screen; for a tablet, absent. */
  site: z.optional(site),
  people: z.array(rosterPerson),
  vehicles: z.array(z.object({ callSign: z.string(), vehicle: z.string() })),
  sites: z.array(site),
  formulary: z.array(formularyItem),
  demonstration: z.boolean(),
});
export type EnrolResponse = z.infer<typeof enrolResponse>;
