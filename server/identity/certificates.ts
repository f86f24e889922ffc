import type { Certificate } from "#protocol/certificate.ts";
import type { PublicJwk, SignedStatement } from "#protocol/grants.ts";
import type { HeartbeatResponse } from "#protocol/heartbeat.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import type { CellZone } from "../trusts.ts";
import { isSignedBy, keyOf } from "./device-key.ts";
import { thumbprintOf } from "./dpop.ts";
import type { Issuer } from "./issuer.ts";
import { issueToken } from "./tokens.ts";

/** How long a certificate, and the device's own token, let a device read. */
const readingDays = 30;
/** A heartbeat renews what has run for so long: a tablet that is seen every week never runs out. */
const renewAfterDays = 7;
const dayMs = 86_400_000;

export interface CertifiedDevice {
  deviceId: string;
  publicKey: PublicJwk;
  zone: CellZone;
  siteId: string | undefined;
}

/** The trust's statement over a device's key, good for reading from now on for `readingDays`. */
export const certify = (issuer: Issuer, trust: string, device: CertifiedDevice, nowMs: number): SignedStatement => {
  const { deviceId, publicKey, zone, siteId } = device;
  const says: Certificate = {
    type: "certificate",
    trust,
    deviceId,
    keyThumbprint: thumbprintOf(publicKey),
    zone,
    ...(siteId !== undefined && { siteId }),
    issuedAt: new Date(nowMs).toISOString(),
    readsUntil: new Date(nowMs + readingDays * dayMs).toISOString(),
  };
  return issuer.sign(says);
};

export const isDueForRenewal = ({ issuedAt }: Certificate, nowMs: number): boolean =>
  nowMs - Date.parse(issuedAt) >= renewAfterDays * dayMs;

/** Checks a statement's signature, as `checkCertificate` asks for it. */
export const verifyText = (key: PublicJwk, text: string, signature: string): boolean =>
  isSignedBy(keyOf(key), text, signature);

/** The device's own token: it reads as long as the certificate of the same moment, and pushes for ever. */
export const deviceToken = (keyRing: KeyRing, device: CertifiedDevice, nowMs: number): string => {
  const { deviceId, publicKey, zone, siteId } = device;
  const keyThumbprint = thumbprintOf(publicKey);
  return issueToken(keyRing.tokenKey, {
    deviceId,
    keyThumbprint,
    zone,
    siteId,
    readsUntilMs: nowMs + readingDays * dayMs,
  });
};

/** Of a locked tablet: it pushes and beats, and reads nothing. */
export const pushToken = (keyRing: KeyRing, { deviceId, publicKey, zone, siteId }: CertifiedDevice): string =>
  issueToken(keyRing.tokenKey, { deviceId, keyThumbprint: thumbprintOf(publicKey), zone, siteId, readsUntilMs: 0 });

/** A new certificate and token for a device in good standing. */
export const renewalOf = (
  { issuer, trust, keyRing }: { issuer: Issuer; trust: string; keyRing: KeyRing },
  { jwk: publicKey, ...device }: Omit<CertifiedDevice, "publicKey"> & { jwk: PublicJwk },
  nowMs: number,
): NonNullable<HeartbeatResponse["renewed"]> => ({
  certificate: certify(issuer, trust, { ...device, publicKey }, nowMs),
  token: deviceToken(keyRing, { ...device, publicKey }, nowMs),
  issuerKeys: [...issuer.publicKeys],
});
