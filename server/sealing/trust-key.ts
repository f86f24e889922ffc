import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { join } from "node:path";
import { replaceSecret, secretFile } from "../secrets.ts";

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

/** The secrets a server opens its records with. They live outside the database; a KMS is another adapter. */
export interface TrustKey {
  /** Under the newest generation. */
  wrap(recordId: string, key: Buffer): Buffer;
  /** Throws if no generation wrapped it. */
  unwrap(recordId: string, wrapped: Uint8Array): Buffer;
  /** 256 bits for one named use: of the newest generation, then of those that are being rotated out. */
  derive(use: string): readonly [Buffer, ...Buffer[]];
  /** Of the blind index, which has a life of its own: to change it, every record is read again. */
  index: Buffer;
  /** Of tokens; newest first. What an earlier one signed still pushes, and reads nothing. */
  tokens: readonly [Buffer, ...Buffer[]];
}

export type Generations = readonly [Buffer, ...Buffer[]];

const wrappingUse = "wrap record keys";
export const derived = (secret: Buffer, use: string): Buffer =>
  Buffer.from(hkdfSync("sha256", secret, "", `holdfast ${use}`, 32));

export const trustKeyOf = (roots: Generations, index: Buffer, tokens: Generations): TrustKey => {
  const derive = (use: string): readonly [Buffer, ...Buffer[]] => {
    const [newest, ...older] = roots;
    return [derived(newest, use), ...older.map((root) => derived(root, use))];
  };
  const [wrapping, ...unwrapping] = derive(wrappingUse).map((bytes) => createSecretKey(bytes));
  return {
    wrap: (recordId, key) => seal(wrapping!, key, Buffer.from(recordId)),
    unwrap: (recordId, wrapped) => openWithAny([wrapping!, ...unwrapping], wrapped, Buffer.from(recordId)),
    derive,
    index,
    tokens,
  };
};

/** The first key that opens the bytes does. Throws as the last one does if none can. */
export const openWithAny = (keys: readonly KeyObject[], sealed: Uint8Array, about: Uint8Array): Buffer => {
  for (const [i, key] of keys.entries()) {
    if (i === keys.length - 1) return open(key, sealed, about);
    try {
      return open(key, sealed, about);
    } catch {
      // Sealed under an earlier generation.
    }
  }
  throw new Error("There is no key.");
};

/** Files of a trust's secrets in HOLDFAST_DATA/keys, each of lines in base64url, newest first. */
export const keyFiles = (dataDirectory: string, trust: string) => {
  const file = (suffix: string): string => join(dataDirectory, "keys", `${trust}.${suffix}`);
  return {
    root: file("key"),
    index: file("index"),
    tokens: file("tokens"),
    issuer: file("issuer"),
    inbox: file("inbox"),
    log: file("log"),
    /** Public keys that segments of the archive are sealed to, a line each; no secret. */
    recipients: file("recipients"),
    site: (siteId: string) => file(`site.${siteId}`),
  };
};

/** Adapter: files of 0600, made at the first start. */
export const fileTrustKey = (dataDirectory: string, trust: string): TrustKey => {
  const files = keyFiles(dataDirectory, trust);
  const roots = readGenerations(files.root);
  // The first version derived both from its only secret, and what it stored must go on being found.
  const index = readGenerations(files.index, () => derived(roots[0], "blind index").toString("base64url"));
  const tokens = readGenerations(files.tokens, () => derived(roots[0], "device tokens").toString("base64url"));
  return trustKeyOf(roots, index[0], tokens);
};

export const readGenerations = (path: string, make?: () => string): Generations => {
  const lines = secretFile(path, make)
    .split("\n")
    .filter((line) => line !== "");
  const [newest, ...older] = lines.map((line) => Buffer.from(line, "base64url"));
  return [newest!, ...older];
};

/** In one step: whoever reads the file finds the old lines or the new. */
export const writeGenerations = (path: string, generations: readonly Buffer[]): void =>
  replaceSecret(path, generations.map((each) => each.toString("base64url")).join("\n"));
