import { createPublicKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SetupProblem } from "../config.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { sealedPrivateKey } from "../sealing/sealed-private-key.ts";
import { keyFiles } from "../sealing/trust-key.ts";

/** The key that the base signs segments and heads with, Ed25519; made at the first use. */
export const openLogKey = (dataDirectory: string, trust: string, keyRing: KeyRing): KeyObject =>
  sealedPrivateKey(keyFiles(dataDirectory, trust).log, "log", trust, keyRing);

/** 32 bytes in base64url: what a letterbox and whoever restores are given on paper or by hand. */
export const logKeyText = (key: KeyObject): string =>
  String((key.type === "private" ? createPublicKey(key) : key).export({ format: "jwk" }).x);

/** Throws for a text that is no such key. */
export const logKeyOf = (text: string): KeyObject =>
  createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: text.trim() }, format: "jwk" });

/**
 * The keys that the trust's log began with, of the file that `holdfast archive init` made for a standby, a letterbox and the officers.
 * Throws SetupProblem where it is not there.
 */
export const readFirstLogKeys = (directory: string, trust: string): KeyObject[] => {
  const path = join(directory, `${trust}.log-key`);
  try {
    return readFileSync(path, "utf8").trim().split("\n").map(logKeyOf);
  } catch {
    throw new SetupProblem(
      "no-log-key",
      `${path} cannot be read as a log key.`,
      "bring the file that `holdfast archive init` put there, or the officers' copy.",
    );
  }
};
