import type { AttachRequest, AttachResponse } from "#protocol/attach.ts";
import { type Certificate, certificate as certificateSchema, readStatement } from "#protocol/certificate.ts";
import { ProblemError } from "../http/problem-error.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import type { CellZone } from "../trusts.ts";
import { deviceToken, pushToken, verifyText } from "./certificates.ts";
import type { Devices } from "./devices.ts";
import { thumbprintOf } from "./dpop.ts";
import type { Issuer } from "./issuer.ts";
import type { SignIn } from "./sign-in.ts";

export interface AttachParts {
  devices: Devices;
  issuer: Issuer;
  keyRing: KeyRing;
  trust: string;
  signIn: Pick<SignIn, "byGrant">;
}

export interface Attached extends Omit<AttachResponse, "server"> {
  deviceId: string;
}

/**
 * Tokens of this server for a device that the trust enrolled. `keyThumbprint`: of the proof that came with the request. Rejects with
 * a 401 `unknown-device` or `bad-certificate`, and what a grant can lack.
 */
export const attachDevice = async (
  { devices, issuer, keyRing, trust, signIn }: AttachParts,
  asked: AttachRequest,
  zone: CellZone,
  keyThumbprint: string,
): Promise<Attached> => {
  const says = await soundCertificate(asked, { trust, zone, keyThumbprint }, issuer);
  const device = await devices.find(says.deviceId);
  if (device === undefined || thumbprintOf(device.jwk) !== keyThumbprint)
    throw new ProblemError(
      401,
      "unknown-device",
      "This device is not known here.",
      "Enrol it again; what it holds is kept.",
    );
  const { deviceId, siteId } = device;
  const certified = { deviceId, publicKey: device.jwk, zone, siteId };
  const nowMs = Date.now();
  const isTablet = zone === "crew";
  const isGood = device.state === "active" && Date.parse(says.readsUntil) > nowMs;
  if (isTablet && asked.signIn !== undefined)
    await signIn.byGrant(asked.signIn, { deviceId, zone, siteId, keyThumbprint, readsUntilMs: 0 });
  const mayRead = isGood && (!isTablet || asked.signIn !== undefined);
  return {
    deviceId,
    ...(mayRead && { token: deviceToken(keyRing, certified, nowMs) }),
    ...(isTablet && { pushToken: pushToken(keyRing, certified) }),
  };
};

const soundCertificate = async (
  { certificate }: AttachRequest,
  holder: { trust: string; zone: CellZone; keyThumbprint: string },
  issuer: Issuer,
): Promise<Certificate> => {
  const read = await readStatement(certificateSchema, certificate, issuer.publicKeys, verifyText);
  if ("says" in read) {
    const { trust, zone, keyThumbprint } = read.says;
    if (trust === holder.trust && zone === holder.zone && keyThumbprint === holder.keyThumbprint) return read.says;
  }
  throw new ProblemError(
    401,
    "bad-certificate",
    "This trust did not certify this device for this.",
    "Enrol it again; what it holds is kept.",
  );
};
