import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod/mini";
import { deviceZones } from "#defence/access/words.ts";
import { signedInPerson } from "#protocol/sign-in.ts";
import { connectionTypes } from "#sharing/fhir/scopes.ts";
import type { Principal } from "./identity.ts";

const claims = z.object({
  deviceId: z.string(),
  person: z.optional(signedInPerson),
  connection: z.optional(z.object({ name: z.string(), types: z.array(z.enum(connectionTypes)), version: z.int() })),
  sessionId: z.optional(z.string()),
  authenticatedMs: z.optional(z.int()),
  keyThumbprint: z.optional(z.string()),
  zone: z.enum(deviceZones),
  siteId: z.optional(z.string()),
  readsUntilMs: z.int(),
});
/** A person's token is about 600 characters, a device's about 300. */
const tokenLengthMax = 2000;

const mac = (key: Buffer, body: string): Buffer => createHmac("sha256", key).update(body).digest();

/** `body`, a dot, and an HMAC over it: nobody without the key can make another. */
export const sealedText = (key: Buffer, body: string): string => `${body}.${mac(key, body).toString("base64url")}`;

/** What `sealedText` was given under this key, else null. */
export const openedText = (key: Buffer, text: string): string | null => {
  if (text.length > tokenLengthMax) return null;
  const dot = text.lastIndexOf(".");
  if (dot < 0) return null;
  const body = text.slice(0, dot);
  const expected = mac(key, body);
  const offered = Buffer.from(text.slice(dot + 1), "base64url");
  return offered.length === expected.length && timingSafeEqual(offered, expected) ? body : null;
};

/** An opaque token: what it says, and an HMAC over it with the cell's key. Of use only with the key it is bound to. */
export const issueToken = (key: Buffer, principal: Principal): string =>
  sealedText(key, Buffer.from(JSON.stringify(principal)).toString("base64url"));

/** The principal of a token that this key issued, else null. */
export const readToken = (key: Buffer, token: string): Principal | null => {
  const body = openedText(key, token);
  if (body === null) return null;
  const { siteId, ...read } = claims.parse(JSON.parse(Buffer.from(body, "base64url").toString()));
  return { ...read, siteId } as Principal;
};
