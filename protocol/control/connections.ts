import * as z from "zod/mini";
import { siteId } from "../device.ts";
import { pageOf, reasonText } from "./page.ts";

/** How another system shows that a token is its own: by a proof with each request (RFC 9449), or not at all. */
export const tokenProofs = ["dpop", "bearer"] as const;
export type TokenProof = (typeof tokenProofs)[number];

/** A public key as JSON Web Key Sets have it, RFC 7517: RSA for RS384, or P-384 for ES384. */
const jwk = z.object({
  kty: z.enum(["RSA", "EC"]),
  kid: z.string().check(z.minLength(1), z.maxLength(200)),
  alg: z.optional(z.enum(["RS384", "ES384"])),
  n: z.optional(z.string().check(z.maxLength(1_500))),
  e: z.optional(z.string().check(z.maxLength(20))),
  crv: z.optional(z.literal("P-384")),
  x: z.optional(z.string().check(z.maxLength(100))),
  y: z.optional(z.string().check(z.maxLength(100))),
  /** Of a private key, which nobody should give away: refused by name, and not for its form. */
  d: z.optional(z.string().check(z.maxLength(1_500))),
});
export const connectionKeys = z.array(jwk).check(z.minLength(1), z.maxLength(5));
export type ConnectionKey = z.infer<typeof jwk>;

const described = {
  name: z.string().check(z.trim(), z.minLength(2), z.maxLength(200)),
  /** Whose records it reads: those that come to this department, as its own people see them. */
  siteId,
  /** FHIR types it may read, or `*` alone. */
  types: z.array(z.string().check(z.regex(/^(\*|[A-Za-z]{1,40})$/))).check(z.minLength(1), z.maxLength(30)),
  proof: z.enum(tokenProofs),
  /** After this instant it reads nothing. */
  endsAt: z.optional(z.iso.datetime()),
};

/** `GET /control/v1/connections`, one row. */
export const connectionRow = z.object({
  connectionId: z.string(),
  ...described,
  keys: connectionKeys,
  ended: z.boolean(),
  /** A second person has not agreed yet, and it reads nothing. */
  waiting: z.boolean(),
  changed: z.iso.datetime(),
  position: z.int(),
});
export type ConnectionRow = z.infer<typeof connectionRow>;
/**
 * `fhirBase`: where the other system reads; its `.well-known/smart-configuration` says the rest. `readable`: what a connection
 * can be given.
 */
export const connectionsResponse = z.extend(pageOf(connectionRow), {
  fhirBase: z.string(),
  readable: z.array(z.string()),
});
export type ConnectionsResponse = z.infer<typeof connectionsResponse>;

/** `POST /control/v1/connections`: a new one; the id it is answered is the other system's `client_id`. */
export const connectionNew = z.object({ ...described, keys: connectionKeys, reason: reasonText });
export type ConnectionNew = z.infer<typeof connectionNew>;
export const connectionMade = z.object({ connectionId: z.string(), position: z.int() });
export type ConnectionMade = z.infer<typeof connectionMade>;
/** `POST /control/v1/connections/{connectionId}`. */
export const connectionChange = z.object({ ...described, keys: connectionKeys, reason: reasonText, expected: z.int() });
export type ConnectionChange = z.infer<typeof connectionChange>;
