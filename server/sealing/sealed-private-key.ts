import { createPrivateKey, generateKeyPairSync, type KeyObject } from "node:crypto";
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

/** Ed25519 for the log's, whose signatures other programs check as C2SP notes; P-256 for those that browsers use. */
const newPrivateKey = (use: SealedKeyUse): string => {
  const { privateKey } =
    use === "log" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem" }).toString();
};
