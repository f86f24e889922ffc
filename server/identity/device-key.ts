import { createPublicKey, type KeyObject, verify } from "node:crypto";
import type { PublicJwk } from "#protocol/grants.ts";

/** Throws if the coordinates are no point of the curve. */
export const keyOf = (jwk: PublicJwk): KeyObject => createPublicKey({ key: jwk, format: "jwk" });

/** Whether the coordinates are a point of the curve. */
export const isPublicKey = (jwk: PublicJwk): boolean => {
  try {
    keyOf(jwk);
    return true;
  } catch {
    return false;
  }
};

/** ECDSA P-256 with SHA-256, IEEE P1363, base64url. */
export const isSignedBy = (publicKey: KeyObject, statement: string, signature: string): boolean => {
  const bytes = Buffer.from(signature, "base64url");
  if (bytes.length !== 64) return false;
  return verify("sha256", Buffer.from(statement), publicKey, asDer(bytes));
};

/** The same two numbers as OpenSSL itself writes them: asked to read IEEE P1363, it takes a third longer. */
const asDer = (p1363: Buffer): Buffer => {
  const r = derInteger(p1363.subarray(0, 32));
  const s = derInteger(p1363.subarray(32));
  return Buffer.concat([Buffer.from([0x30, r.length + s.length]), r, s]);
};

/** Shortest form, with a zero before a leading bit that would read as a sign. */
const derInteger = (bytes: Buffer): Buffer => {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const sign = bytes[start]! >= 0x80 ? [0] : [];
  return Buffer.from([0x02, bytes.length - start + sign.length, ...sign, ...bytes.subarray(start)]);
};
