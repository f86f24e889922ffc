import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type PublicJwk, publicJwk } from "#protocol/grants.ts";
import { secretFile } from "../secrets.ts";
import type { KeyRing } from "./key-ring.ts";

/** The trust's private keys that lie in HOLDFAST_DATA/keys as files sealed under the trust key. */
export const sealedKeyUses = ["issuer", "inbox", "site", "log"] as const;
export type SealedKeyUse = (typeof sealedKeyUses)[number];

/** What such a file is sealed about. */
export const aboutSealedKey = (use: SealedKeyUse, trust: string): string => `${use} ${trust}`;

/** Reads the file, or makes a new key in it. */
export const sealedPrivateKey = (path: string, use: SealedKeyUse, trust: string, keyRing: KeyRing): KeyObject => {
  const about = aboutSealedKey(use, trust);
  const sealed = secretFile(path, () => keyRing.seal(use, newPrivateKey(use), about).toString("base64url"));
  return createPrivateKey(keyRing.open(use, Buffer.from(sealed, "base64url"), about));
};

/** Keeps a key that another server of the trust made, where this one looks for its own; one that is there stays. */
export const keepPrivateKey = (
  path: string,
  use: SealedKeyUse,
  trust: string,
  keyRing: KeyRing,
  key: KeyObject,
): void => {
  const text = key.export({ type: "pkcs8", format: "pem" }).toString();
  secretFile(path, () => keyRing.seal(use, text, aboutSealedKey(use, trust)).toString("base64url"));
};

/** Ed25519 for the log's, whose signatures other programs check as C2SP notes; P-256 for those that browsers use. */
const newPrivateKey = (use: SealedKeyUse): string => {
  const { privateKey } =
    use === "log" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
};

/** What the key's file is called from now on, once another takes its place: what was sealed to it can still be opened. */
export const formerName = (path: string): string =>
  `${path}.${new Date().toISOString().replace(/\D/g, "").slice(0, 14)}`;

/** Files of the keys that were in this one's place before, the newest first. */
export const formerKeyFiles = (path: string): string[] => {
  const name = `${basename(path)}.`;
  return readdirSync(dirname(path))
    .filter((file) => file.startsWith(name) && /^\d[\d-]*$/.test(file.slice(name.length)))
    .sort()
    .reverse()
    .map((file) => join(dirname(path), file));
};

/** Of a P-256 key. */
export const publicOf = (privateKey: KeyObject): PublicJwk =>
  publicJwk.parse(createPublicKey(privateKey).export({ format: "jwk" }));

export const isSameKey = (one: PublicJwk, other: PublicJwk): boolean => one.x === other.x && one.y === other.y;
