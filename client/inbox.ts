import type { PublicJwk } from "#protocol/grants.ts";
import { inboxPointBytes, inboxUse } from "#protocol/push.ts";
import { utf8 } from "./bytes.ts";
import type { Sealed } from "./database.ts";
import { sealBytes, unsealBytes } from "./sealing.ts";

export const curve = { name: "ECDH", namedCurve: "P-256" };

/** Seals to a public key whose owner is elsewhere, or locked. */
export interface InboxSealer {
  /** The sender's point, then what `sealBytes` makes; `label` is bound in. */
  seal(label: string, text: string): Promise<Sealed>;
}

/** ECDH, then HKDF-SHA-256 with the sender's point as salt: both sides come to the same keys, one for each use. */
export const agreeOn = async (own: CryptoKey, other: CryptoKey, salt: Sealed) => {
  const secret = await crypto.subtle.deriveBits({ name: "ECDH", public: other }, own, 256);
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]);
  return (use: string, algorithm: AesKeyGenParams | HmacKeyGenParams, usages: KeyUsage[]): Promise<CryptoKey> => {
    const derivation = { name: "HKDF", hash: "SHA-256", salt, info: utf8(use) };
    return crypto.subtle.deriveKey(derivation, base, algorithm, false, usages);
  };
};
export const aes256 = { name: "AES-GCM", length: 256 };

const sharedKey = async (own: CryptoKey, other: CryptoKey, salt: Sealed, usage: KeyUsage): Promise<CryptoKey> =>
  (await agreeOn(own, other, salt))(inboxUse, aes256, [usage]);

/**
 * A sealer with a sender's key of its own, used until the page ends: one agreement for all entries of a shift, because each
 * costs more than the sealing. The private half is never stored, so this tablet itself cannot open what it sealed.
 */
export const createInboxSealer = async (publicKey: PublicJwk): Promise<InboxSealer> => {
  const inbox = await crypto.subtle.importKey("jwk", publicKey, curve, false, []);
  const sender = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", sender.publicKey));
  const key = await sharedKey(sender.privateKey, inbox, point, "encrypt");
  return {
    async seal(label, text) {
      const sealed = await sealBytes(key, label, utf8(text));
      const whole = new Uint8Array(inboxPointBytes + sealed.length);
      whole.set(point);
      whole.set(sealed, inboxPointBytes);
      return whole;
    },
  };
};

/** A key pair that a locked tablet seals to for itself; the private half is kept under the data key. */
export const createBox = async (): Promise<{ publicKey: PublicJwk; privateKey: Sealed }> => {
  const pair = await crypto.subtle.generateKey(curve, true, ["deriveBits"]);
  const { x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const privateKey = new Uint8Array(await crypto.subtle.exportKey("pkcs8", pair.privateKey));
  return { publicKey: { kty: "EC", crv: "P-256", x: x!, y: y! }, privateKey };
};

/** Opens what was sealed to a box; `privateKey` is PKCS #8. Rejects if a byte or the label is another. */
export const openBoxed = async (privateKey: Sealed, label: string, boxed: Sealed): Promise<string> => {
  const own = await crypto.subtle.importKey("pkcs8", privateKey, curve, false, ["deriveBits"]);
  const point = boxed.slice(0, inboxPointBytes);
  const sender = await crypto.subtle.importKey("raw", point, curve, false, []);
  const key = await sharedKey(own, sender, point, "decrypt");
  return new TextDecoder().decode(await unsealBytes(key, label, boxed.slice(inboxPointBytes)));
};
