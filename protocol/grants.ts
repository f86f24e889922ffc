import * as z from "zod/mini";
import { instant, shortText, uuid } from "#domain/entry/entry.ts";

/** A P-256 public key as a JWK: of a device, of the trust's issuer, of its inbox. */
export const publicJwk = z.object({
  kty: z.literal("EC"),
  crv: z.literal("P-256"),
  x: z.string().check(z.maxLength(64)),
  y: z.string().check(z.maxLength(64)),
});
export type PublicJwk = z.infer<typeof publicJwk>;

/**
 * Something that the trust's issuer key says: `statement` is the exact canonical JSON (RFC 8785) that was signed, UTF-8, ECDSA
 * P-256 with SHA-256, IEEE P1363, base64url.
 */
export const signedStatement = z.object({
  statement: z.string().check(z.maxLength(4000)),
  signature: z.string().check(z.maxLength(200)),
});
export type SignedStatement = z.infer<typeof signedStatement>;

/**
 * This person may sign in on this tablet until `notAfter` without the base being asked: 30 days after it was signed, or when
 * the person's time here ends. Each contact brings new ones for everybody on the roster.
 */
export const grantStatement = z.object({
  type: z.literal("grant"),
  trust: z.string(),
  deviceId: uuid,
  userId: z.string(),
  name: shortText,
  roles: z.array(z.string()),
  staffNumber: z.string(),
  notAfter: instant,
});
export type GrantStatement = z.infer<typeof grantStatement>;
