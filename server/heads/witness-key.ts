import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { join } from "node:path";
import { secretFile } from "../secrets.ts";
import { verifierText } from "./note.ts";

/** As others know a witness that was given no name. */
export const witnessNameDefault = "holdfast.example/witness";

/** The witness's own key, made where there is none. `verifier`: what HOLDFAST_WITNESSES and a verifier are given, `<name>+<key id>+<base64>`. */
export const witnessKey = (directory: string, name: string): { key: KeyObject; verifier: string } => {
  const key = createPrivateKey(secretFile(join(directory, "witness.key"), newKey));
  return { key, verifier: verifierText({ name, kind: "cosignature", publicKey: createPublicKey(key) }) };
};

const newKey = (): string =>
  generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString().trim();
