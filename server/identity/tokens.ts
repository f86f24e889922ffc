import { createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod/mini";
import type { Principal } from "./identity.ts";

const claims = z.object({
  deviceId: z.string(),
  zone: z.enum(["crew", "care"]),
  siteId: z.optional(z.string()),
  readsUntilMs: z.int(),
});
/** A token of ours is about 250 characters. */
const tokenLengthMax = 1000;

const mac = (key: Buffer, body: string): Buffer => createHmac("sha256", key).update(body).digest();

/** An opaque bearer token: what it says, and an HMAC over it with the cell's key. */
export const issueToken = (key: Buffer, principal: Principal): string => {
  const body = Buffer.from(JSON.stringify(principal)).toString("base64url");
  return `${body}.${mac(key, body).toString("base64url")}`;
};

/** The principal of a token that this key issued, else null. */
export const readToken = (key: Buffer, token: string): Principal | null => {
  if (token.length > tokenLengthMax) return null;
  const [body, given] = token.split(".");
  if (body === undefined || given === undefined) return null;
  const expected = mac(key, body);
  const offered = Buffer.from(given, "base64url");
  if (offered.length !== expected.length || !timingSafeEqual(offered, expected)) return null;
  const read = claims.parse(JSON.parse(Buffer.from(body, "base64url").toString()));
  return { ...read, siteId: read.siteId };
};
