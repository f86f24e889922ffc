import { createHmac, hkdfSync, pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import type { SignedStatement } from "#protocol/grants.ts";
import { pinKeyLabels, pinProofText } from "#protocol/sign-in.ts";

const derive = promisify(pbkdf2);

/** Both keys of a PIN, base64url, of the result of PBKDF2 over it. */
export interface PinKeys {
  /** Told to tablets. */
  wrap: string;
  /** Never told: it makes the proof that the PIN was typed. */
  proof: string;
}

export const pinKeys = (result: Buffer): PinKeys => {
  const keyOf = (label: string) => Buffer.from(hkdfSync("sha256", result, "", label, 32)).toString("base64url");
  return { wrap: keyOf(pinKeyLabels.wrap), proof: keyOf(pinKeyLabels.proof) };
};

/** `salt`: base64url. */
export const keysOfPin = async (pin: string, salt: string, rounds: number): Promise<PinKeys> =>
  pinKeys(await derive(pin, Buffer.from(salt, "base64url"), rounds, 32, "sha256"));

/** HMAC-SHA-256 over the grant by a PIN's `proof` key, as a tablet makes it once the PIN was typed. */
export const pinProofOf = (proofKey: string, grant: SignedStatement): Buffer =>
  createHmac("sha256", Buffer.from(proofKey, "base64url")).update(pinProofText(grant)).digest();
