import type { EnrolRequest, RosterPerson } from "#protocol/enrolment.ts";
import type { DeviceSigner } from "#sync/ports.ts";
import { base64url, fromBase64url, utf8 } from "./bytes.ts";
import type { Sealed } from "./database.ts";
import { browserRandom } from "./ports.ts";

/** What makes this browser a device. The private key is not extractable: script can sign with it, not copy it. */
export interface DeviceIdentity {
  deviceId: string;
  privateKey: CryptoKey;
  publicKey: EnrolRequest["publicKey"];
}

export const createIdentity = async (): Promise<DeviceIdentity> => {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const jwk = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return {
    deviceId: browserRandom.uuid(),
    privateKey: pair.privateKey,
    publicKey: { kty: "EC", crv: "P-256", x: jwk.x!, y: jwk.y! },
  };
};

/** ECDSA P-256 with SHA-256; WebCrypto's signature is IEEE P1363 already. Base64url. */
export const signerOf = (identity: DeviceIdentity): DeviceSigner => ({
  deviceId: identity.deviceId,
  async sign(statement) {
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    return base64url(new Uint8Array(await crypto.subtle.sign(algorithm, identity.privateKey, utf8(statement))));
  },
});

/**
 * A screen's data key: nobody types a PIN at a hospital board that must come back by itself after a power cut. It is not
 * extractable, but whoever can run script on this origin in this browser profile can use it: the profile's protection is
 * the machine's own sign-in and disk encryption.
 */
export const createScreenKey = (): Promise<CryptoKey> =>
  crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);

/** A tablet's data key as one person's PIN opens it. */
export interface WrappedKey {
  userId: string;
  salt: string;
  rounds: number;
  iv: Sealed;
  wrapped: Sealed;
}

/**
 * A new data key and its wraps, one for each rostered person. The key comes back in its non-extractable form; the PIN
 * results that wrapped it are not kept.
 */
export const createTabletKey = async (
  people: readonly RosterPerson[],
): Promise<{ dataKey: CryptoKey; wraps: WrappedKey[] }> => {
  const extractable = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, true, ["encrypt", "decrypt"]);
  const wraps = await Promise.all(
    people.map(async ({ userId, pin }): Promise<WrappedKey> => {
      const key = await crypto.subtle.importKey("raw", fromBase64url(pin.key), "AES-GCM", false, ["wrapKey"]);
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const algorithm = { name: "AES-GCM", iv, additionalData: utf8(userId) };
      const wrapped = new Uint8Array(await crypto.subtle.wrapKey("raw", extractable, key, algorithm));
      return { userId, salt: pin.salt, rounds: pin.rounds, iv, wrapped };
    }),
  );
  const raw = await crypto.subtle.exportKey("raw", extractable);
  return { dataKey: await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]), wraps };
};

/** Opens a wrap by PIN, PBKDF2 with SHA-256; null when the PIN is another. */
export const openWrap = async (wrap: WrappedKey, pin: string): Promise<CryptoKey | null> => {
  const password = await crypto.subtle.importKey("raw", utf8(pin), "PBKDF2", false, ["deriveKey"]);
  const derivation = { name: "PBKDF2", hash: "SHA-256", salt: fromBase64url(wrap.salt), iterations: wrap.rounds };
  const key = await crypto.subtle.deriveKey(derivation, password, { name: "AES-GCM", length: 256 }, false, [
    "unwrapKey",
  ]);
  const algorithm = { name: "AES-GCM", iv: wrap.iv, additionalData: utf8(wrap.userId) };
  try {
    return await crypto.subtle.unwrapKey("raw", wrap.wrapped, key, algorithm, "AES-GCM", false, ["encrypt", "decrypt"]);
  } catch {
    return null;
  }
};

/** Wrong PINs in a row and when the next may be tried, device clock. Stored, so that a reload does not reset it. */
export interface PinAttempts {
  wrong: number;
  notBeforeMs: number;
}

const freeAttempts = 5;
const delayMs = { first: 30_000, max: 900_000 };

/** From the fifth wrong PIN on there is a wait, 30 s and doubling, 15 min at most: a crew mistypes, a thief searches. */
export const afterWrongPin = (attempts: PinAttempts | undefined, nowMs: number): PinAttempts => {
  const wrong = (attempts?.wrong ?? 0) + 1;
  if (wrong < freeAttempts) return { wrong, notBeforeMs: 0 };
  const delay = Math.min(delayMs.max, delayMs.first * 2 ** (wrong - freeAttempts));
  return { wrong, notBeforeMs: nowMs + delay };
};

/** How long to wait, ms. A clock that was set back never makes the wait longer than the longest. */
export const pinWaitMs = (attempts: PinAttempts | undefined, nowMs: number): number =>
  Math.min(delayMs.max, Math.max(0, (attempts?.notBeforeMs ?? 0) - nowMs));
