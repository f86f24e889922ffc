import type { EnrolRequest, RosterPerson } from "#protocol/enrolment.ts";
import type { SignedStatement } from "#protocol/grants.ts";
import { pinKeyLabels, pinProofText } from "#protocol/sign-in.ts";
import type { DeviceSigner } from "#sync/ports.ts";
import { base64url, fromBase64url, utf8 } from "./bytes.ts";
import type { Sealed } from "./database.ts";
import { browserRandom } from "./ports.ts";
import { sealBytes, unsealBytes } from "./sealing.ts";

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

/** A tablet's data key as one person's PIN opens it, with the grant that lets them try. */
export interface WrappedKey {
  userId: string;
  salt: string;
  rounds: number;
  iv: Sealed;
  /** Sealed once more under the authenticator's key, where the tablet has one: without it no PIN can be tried. */
  wrapped: Sealed;
  /** What wraps: `split` is the PIN's wrap key; absent on tablets from before there were two keys, the result of PBKDF2 itself. */
  by?: "split";
  grant?: SignedStatement;
}

const aes = { name: "AES-GCM", length: 256 };
const hmac = { name: "HMAC", hash: "SHA-256", length: 256 };
const hkdf = (label: string) => ({ name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: utf8(label) });
const importDataKey = (raw: BufferSource): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", raw, aes, false, ["encrypt", "decrypt"]);
const wrapLabel = (userId: string): string => `wrap ${userId}`;
const itselfLabel = "data key";

/** Wraps the raw data key for one person. What wraps it is not kept. */
const wrapFor = async (
  raw: BufferSource,
  { userId, grant }: RosterPerson,
  pin: NonNullable<RosterPerson["pinWrap"]>,
  authenticator: CryptoKey | undefined,
): Promise<WrappedKey> => {
  const key = await crypto.subtle.importKey("raw", fromBase64url(pin.key), "AES-GCM", false, ["encrypt"]);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const algorithm = { name: "AES-GCM", iv, additionalData: utf8(userId) };
  const inner = new Uint8Array(await crypto.subtle.encrypt(algorithm, key, raw));
  const wrapped = authenticator === undefined ? inner : await sealBytes(authenticator, wrapLabel(userId), inner);
  return { userId, salt: pin.salt, rounds: pin.rounds, iv, wrapped, by: "split", ...(grant && { grant }) };
};

const wrapAll = (raw: BufferSource, people: readonly RosterPerson[], authenticator: CryptoKey | undefined) =>
  Promise.all(
    people.flatMap((person) => (person.pinWrap ? [wrapFor(raw, person, person.pinWrap, authenticator)] : [])),
  );

/**
 * A new data key and its wraps, one for each rostered person. The key comes back in its non-extractable form, and sealed under
 * itself: whoever has opened it can wrap it for somebody who joins the roster later.
 */
export const createTabletKey = async (
  people: readonly RosterPerson[],
  authenticator?: CryptoKey,
): Promise<{ dataKey: CryptoKey; wraps: WrappedKey[]; itself: Sealed }> => {
  const raw = crypto.getRandomValues(new Uint8Array(32));
  const dataKey = await importDataKey(raw);
  const wraps = await wrapAll(raw, people, authenticator);
  const itself = await sealBytes(dataKey, itselfLabel, raw);
  raw.fill(0);
  return { dataKey, wraps, itself };
};

/** Wraps of an opened data key for people who may join; `itself` is the key sealed under itself. */
export const wrapForMore = async (
  dataKey: CryptoKey,
  itself: Sealed,
  people: readonly RosterPerson[],
  authenticator: CryptoKey | undefined,
): Promise<WrappedKey[]> => {
  const raw = await unsealBytes(dataKey, itselfLabel, itself);
  const wraps = await wrapAll(raw, people, authenticator);
  raw.fill(0);
  return wraps;
};

export interface OpenedWrap {
  dataKey: CryptoKey;
  /** HMAC by the PIN's proof key: shows the base that this PIN was typed. Not extractable, and never stored. */
  pinKey: CryptoKey;
}

/** Opens a wrap by PIN, PBKDF2 with SHA-256; null when the PIN, or the authenticator, is another. */
export const openWrap = async (
  wrap: WrappedKey,
  pin: string,
  authenticator?: CryptoKey,
): Promise<OpenedWrap | null> => {
  const password = await crypto.subtle.importKey("raw", utf8(pin), "PBKDF2", false, ["deriveBits"]);
  const derivation = { name: "PBKDF2", hash: "SHA-256", salt: fromBase64url(wrap.salt), iterations: wrap.rounds };
  const result = new Uint8Array(await crypto.subtle.deriveBits(derivation, password, 256));
  const keys = await crypto.subtle.importKey("raw", result, "HKDF", false, ["deriveKey"]);
  const key =
    wrap.by === "split"
      ? await crypto.subtle.deriveKey(hkdf(pinKeyLabels.wrap), keys, aes, false, ["unwrapKey"])
      : await crypto.subtle.importKey("raw", result, aes, false, ["unwrapKey"]);
  result.fill(0);
  const pinKey = await crypto.subtle.deriveKey(hkdf(pinKeyLabels.proof), keys, hmac, false, ["sign"]);
  const algorithm = { name: "AES-GCM", iv: wrap.iv, additionalData: utf8(wrap.userId) };
  try {
    const { wrapped, userId } = wrap;
    const inner = authenticator === undefined ? wrapped : await unsealBytes(authenticator, wrapLabel(userId), wrapped);
    const uses: KeyUsage[] = ["encrypt", "decrypt"];
    const dataKey = await crypto.subtle.unwrapKey("raw", inner, key, algorithm, "AES-GCM", false, uses);
    return { dataKey, pinKey };
  } catch {
    return null;
  }
};

/** That the PIN whose key this is was typed on this tablet for this grant, as protocol/sign-in.ts has it. */
export const pinProofOf = async (pinKey: CryptoKey, grant: SignedStatement): Promise<string> =>
  base64url(new Uint8Array(await crypto.subtle.sign("HMAC", pinKey, utf8(pinProofText(grant)))));
