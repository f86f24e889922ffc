import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { secretFile } from "../secrets.ts";
import type { KeyRing } from "./key-ring.ts";

/** The trust's P-256 keys that lie in HOLDFAST_DATA/keys as files sealed under the trust key. */
export const sealedKeyUses = ["issuer", "inbox", "site"] as const;
export type SealedKeyUse = (typeof sealedKeyUses)[number];

/** What such a file is sealed about. */
export const aboutSealedKey = (use: SealedKeyUse, trust: string): string => `${use} ${trust}`;

/** Reads the file, or makes a new key in it. */
export const sealedPrivateKey = (path: string, use: SealedKeyUse, trust: string, keyRing: KeyRing): KeyObject => {
  const about = aboutSealedKey(use, trust);
  const sealed = secretFile(path, () => keyRing.seal(use, newPrivateKey(), about).toString("base64url"));
  return createPrivateKey(keyRing.open(use, Buffer.from(sealed, "base64url"), about));
};

const newPrivateKey = (): string =>
  generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "pkcs8", format: "pem" }).toString();
