import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { join } from "node:path";
import { secretFile } from "../secrets.ts";

/** Length of what `seal` puts before the ciphertext: a 96-bit nonce and a 128-bit tag. */
const nonceBytes = 12;
const tagBytes = 16;

/** AES-256-GCM under a random nonce: nonce, tag, ciphertext. `about` must be the same to open it. */
export const seal = (key: KeyObject, plain: Uint8Array, about: Uint8Array): Buffer => {
  const nonce = randomNonce();
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(about);
  const body = cipher.update(plain);
  cipher.final();
  return Buffer.concat([nonce, cipher.getAuthTag(), body], nonceBytes + tagBytes + body.length);
};

/** Throws if the bytes or what they are about were changed. */
export const open = (key: KeyObject, sealed: Uint8Array, about: Uint8Array): Buffer => {
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, nonceBytes));
  decipher.setAuthTag(sealed.subarray(nonceBytes, nonceBytes + tagBytes));
  decipher.setAAD(about);
  const body = decipher.update(sealed.subarray(nonceBytes + tagBytes));
  decipher.final();
  return body;
};

// A call to the random generator costs as much as sealing a short entry: nonces are drawn a page at a time.
let page = Buffer.alloc(0);
let at = 0;
const randomNonce = (): Buffer => {
  if (at + nonceBytes > page.length) {
    page = randomBytes(nonceBytes * 512);
    at = 0;
  }
  at += nonceBytes;
  return page.subarray(at - nonceBytes, at);
};

/** The key a server opens its records with. It lives outside the database; a KMS is another adapter. */
export interface TrustKey {
  wrap(recordId: string, key: Buffer): Buffer;
  unwrap(recordId: string, wrapped: Uint8Array): Buffer;
  /** 256 bits for one named use. */
  derive(use: string): Buffer;
}

/** Adapter: a file of 0600 in HOLDFAST_DATA/keys, made at the first start. */
export const fileTrustKey = (dataDirectory: string, trust: string): TrustKey => {
  const root = Buffer.from(secretFile(join(dataDirectory, "keys", `${trust}.key`)), "base64url");
  const derive = (use: string): Buffer => Buffer.from(hkdfSync("sha256", root, "", `holdfast ${use}`, 32));
  const wrapping = createSecretKey(derive("wrap record keys"));
  return {
    wrap: (recordId, key) => seal(wrapping, key, Buffer.from(recordId)),
    unwrap: (recordId, wrapped) => open(wrapping, wrapped, Buffer.from(recordId)),
    derive,
  };
};
