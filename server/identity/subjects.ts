import * as z from "zod/mini";
import { deviceZones, roles } from "#defence/access/words.ts";
import { connectionKeys, tokenProofs } from "#protocol/control/connections.ts";
import { proposalKinds } from "#protocol/control/proposals.ts";
import { restrictions } from "#protocol/control/records.ts";
import { deviceStates } from "#protocol/device.ts";
import { publicJwk } from "#protocol/grants.ts";
import { connectionTypes } from "#sharing/fhir/scopes.ts";
import { pinKeys } from "./pin-keys.ts";

/** What the control log holds of each kind of subject that sign-in and the desk read. Instants are ISO 8601 in UTC. */

export const deviceSubject = z.object({
  publicKey: publicJwk,
  name: z.string(),
  zone: z.enum(deviceZones),
  siteId: z.optional(z.string()),
  /** Lines of the first version have none. */
  state: z._default(z.enum(deviceStates), "active"),
});
export type DeviceSubject = z.infer<typeof deviceSubject>;

const pinBase = { salt: z.string(), rounds: z.int() };
const splitPin = z.object({ ...pinBase, wrap: z.string(), proof: z.string() });
/** What a person's PIN is known by. Lines of the first version hold the result of PBKDF2 itself, from which both keys come. */
export const pinSubject = z.union([
  splitPin,
  z.pipe(
    z.object({ ...pinBase, key: z.string() }),
    z.transform(({ key, ...rest }): PinSubject => ({ ...rest, ...pinKeys(Buffer.from(key, "base64url")) })),
  ),
]);
export type PinSubject = z.infer<typeof splitPin>;

/** The name that the trust's provider knows a person by. */
export const providerName = z.object({ issuer: z.string(), sub: z.string() });

export const personSubject = z.object({
  name: z.string(),
  staffNumber: z.string(),
  roles: z.array(z.enum(roles)),
  /** Where a hospital's person works; the trust's own have none. */
  siteId: z.optional(z.string()),
  /** As the trust was set up; a link that the person made is a subject of its own, which counts instead. */
  provider: z.optional(providerName),
  /** As the trust was set up; a PIN that the person chose is a subject of its own, which counts instead. */
  pin: z.optional(pinSubject),
  /** After this instant the person is nobody; ended people stay in the log. */
  endsAt: z.optional(z.string()),
  demonstration: z.optional(z.boolean()),
});
export type PersonSubject = z.infer<typeof personSubject>;

/** Subject id: the credential's id, base64url. */
export const passkeySubject = z.object({
  userId: z.string(),
  /** COSE key, base64url. */
  publicKey: z.string(),
  counter: z.int(),
  transports: z.array(z.string()),
  name: z.string(),
  removed: z.optional(z.boolean()),
});

/** Subject id: SHA-256 of the code, hexadecimal. A demonstration's codes may be used again and again, and say so. */
export const enrolmentCodeSubject = z.object({
  zone: z.enum(deviceZones),
  siteId: z.optional(z.string()),
  deviceName: z.string(),
  expiresAt: z.string(),
  usedBy: z.optional(z.string()),
  reusable: z.optional(z.boolean()),
});

/** Subject id: `personCodeId` of the code that the desk gave the person for a first passkey, a PIN or a provider's name. */
export const personCodeSubject = z.object({
  userId: z.string(),
  expiresAt: z.string(),
  usedBy: z.optional(z.string()),
  /** The proposal that a second person has to agree to first. */
  waits: z.optional(z.string()),
  /** The one that a second person has agreed to. */
  agreed: z.optional(z.string()),
});

/** Another system that reads FHIR. Subject id: its `client_id`. */
export const connectionSubject = z.object({
  name: z.string(),
  siteId: z.string(),
  keys: connectionKeys,
  types: z.array(z.enum(connectionTypes)),
  proof: z.enum(tokenProofs),
  endsAt: z.optional(z.string()),
  /** The proposal that a second person has to agree to before it reads. */
  waits: z.optional(z.string()),
});
export type ConnectionSubject = z.infer<typeof connectionSubject>;

/** What the desk has decided about a record. Other fields are of other decisions and stay as they are. */
export const recordSubject = z.looseObject({
  /** Nearly everybody is asked why they open it. */
  restricted: z.optional(z.enum(restrictions)),
  /** A legal hold. */
  hold: z._default(z.boolean(), false),
  /** The newest proposal that it end. */
  proposalId: z.optional(z.string()),
  /** It ended: its lines up to this place are noise. */
  disposal: z.optional(z.object({ proposalId: z.string(), epoch: z.int(), through: z.int(), at: z.string() })),
});

/** Subject id: the site's. The public halves of its keys for films, newest first. */
export const siteKeySubject = z.object({ keys: z.array(publicJwk) });

/** What a second person has to agree to. Subject id: a UUID. Of the record it holds the id and no word. */
export const proposalSubject = z.object({
  what: z.enum(proposalKinds),
  recordId: z.optional(z.string()),
  /** Position of the record's newest line then: with a later one it is another record than the one that was decided on. */
  through: z.optional(z.int()),
  early: z._default(z.boolean(), false),
  demonstration: z._default(z.boolean(), false),
  /** Who gets the roles or the code. */
  userId: z.optional(z.string()),
  roles: z.optional(z.array(z.enum(roles))),
  /** Subject id of the code, which lies ready and opens nothing yet. */
  codeId: z.optional(z.string()),
  /** Subject id of the connection, which reads nothing until then. */
  connectionId: z.optional(z.string()),
  by: z.string(),
  reason: z.string(),
  since: z.string(),
  state: z.enum(["open", "approved", "declined", "done", "stopped"]),
  decidedBy: z.optional(z.string()),
  decided: z.optional(z.string()),
  words: z.optional(z.string()),
});
export type ProposalSubject = z.infer<typeof proposalSubject>;
