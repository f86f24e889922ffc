import { base64url, fromBase64url, utf8 } from "./bytes.ts";
import type { Sealed } from "./database.ts";

/** Which credential of this tablet's own authenticator holds the other half of the unlock key. Nothing secret. */
export interface LocalAuthenticator {
  credentialId: string;
  salt: Sealed;
}

const timeoutMs = 60_000;

/** The WebAuthn PRF extension's first output as an AES key; it never leaves this page's memory. */
const keyOf = async (secret: BufferSource): Promise<CryptoKey> => {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  const derivation = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8("holdfast tablet unlock v1") };
  return crypto.subtle.deriveKey(derivation, base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
};

/** Only a platform's own authenticator: one that must be fetched, or can be left in another vehicle, is no lock of this tablet. */
const isThere = async (): Promise<boolean> => {
  if (typeof PublicKeyCredential === "undefined") return false;
  return PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false);
};

/**
 * Makes a credential of this tablet's authenticator that can hold half of the unlock key; null where there is none, it does not
 * know PRF, or somebody declined. Needs a tap shortly before.
 */
export const createAuthenticator = async (
  deviceName: string,
): Promise<{ authenticator: LocalAuthenticator; key: CryptoKey } | null> => {
  if (!(await isThere())) return null;
  const salt = crypto.getRandomValues(new Uint8Array(32));
  const made = await navigator.credentials
    .create({
      publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        rp: { name: "Holdfast" },
        user: { id: crypto.getRandomValues(new Uint8Array(16)), name: deviceName, displayName: deviceName },
        pubKeyCredParams: [
          { type: "public-key", alg: -7 },
          { type: "public-key", alg: -257 },
        ],
        authenticatorSelection: { authenticatorAttachment: "platform", userVerification: "required" },
        extensions: { prf: {} },
        timeout: timeoutMs,
      },
    })
    .catch(() => null);
  if (!(made instanceof PublicKeyCredential) || made.getClientExtensionResults().prf?.enabled !== true) return null;
  const authenticator = { credentialId: base64url(new Uint8Array(made.rawId)), salt };
  const key = await askAuthenticator(authenticator);
  return key === null ? null : { authenticator, key };
};

/** Asks the authenticator for its half; null when it is not there, is another, or somebody declined. No network is used. */
export const askAuthenticator = async ({ credentialId, salt }: LocalAuthenticator): Promise<CryptoKey | null> => {
  const got = await navigator.credentials
    .get({
      publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        allowCredentials: [{ type: "public-key", id: fromBase64url(credentialId), transports: ["internal"] }],
        userVerification: "required",
        extensions: { prf: { eval: { first: salt } } },
        timeout: timeoutMs,
      },
    })
    .catch(() => null);
  if (!(got instanceof PublicKeyCredential)) return null;
  const secret = got.getClientExtensionResults().prf?.results?.first;
  return secret === undefined ? null : keyOf(secret as BufferSource);
};
