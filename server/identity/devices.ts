import { createPublicKey, type KeyObject, verify } from "node:crypto";
import * as z from "zod/mini";
import type { EnrolRequest } from "#protocol/enrolment.ts";
import type { ControlLog } from "../logs/control-log.ts";
import type { CellZone } from "../trusts.ts";

/** A device's state in the control log. */
const deviceState = z.object({
  publicKey: z.object({ kty: z.literal("EC"), crv: z.literal("P-256"), x: z.string(), y: z.string() }),
  name: z.string(),
  zone: z.enum(["crew", "care"]),
  siteId: z.optional(z.string()),
});

export interface Enrolment {
  deviceId: string;
  publicKey: EnrolRequest["publicKey"];
  name: string;
  zone: CellZone;
  siteId: string | undefined;
  code: string;
}

/** The cell's devices: subjects of the control log, and the keys that verify what they sign. */
export interface Devices {
  /** Resolves once the control line has committed. */
  enrol(enrolment: Enrolment): Promise<void>;
  /** Undefined for a device that was never enrolled here. */
  find(deviceId: string): Promise<KnownDevice | undefined>;
  /** Another process may have changed it. */
  forget(deviceId: string): void;
}
export interface KnownDevice {
  publicKey: KeyObject;
  /** The key as it was enrolled, to tell the same one from another. */
  jwk: EnrolRequest["publicKey"];
}

const knownMax = 50_000;

export const createDevices = (log: ControlLog): Devices => {
  const known = new Map<string, KnownDevice>();
  const find = async (deviceId: string): Promise<KnownDevice | undefined> => {
    const held = known.get(deviceId);
    if (held) return held;
    const subject = await log.find("device", deviceId);
    if (subject === undefined) return undefined;
    const { publicKey: jwk } = deviceState.parse(subject.state);
    const device = { publicKey: createPublicKey({ key: jwk, format: "jwk" }), jwk };
    if (known.size >= knownMax) known.delete(known.keys().next().value!);
    known.set(deviceId, device);
    return device;
  };
  return {
    find,
    forget: (deviceId) => known.delete(deviceId),
    enrol: async ({ deviceId, siteId, ...rest }) => {
      const state = { ...rest, ...(siteId !== undefined && { siteId }) };
      await log.append([{ kind: "device", id: deviceId, siteId, state, by: { deviceId } }]);
      known.delete(deviceId);
    },
  };
};

/** Whether the coordinates are a point of the curve. */
export const isPublicKey = (jwk: EnrolRequest["publicKey"]): boolean => {
  try {
    createPublicKey({ key: jwk, format: "jwk" });
    return true;
  } catch {
    return false;
  }
};

/** ECDSA P-256 with SHA-256, IEEE P1363, base64url. */
export const isSignedBy = (publicKey: KeyObject, statement: string, signature: string): boolean => {
  const bytes = Buffer.from(signature, "base64url");
  if (bytes.length !== 64) return false;
  return verify("sha256", Buffer.from(statement), publicKey, asDer(bytes));
};

/** The same two numbers as OpenSSL itself writes them: asked to read IEEE P1363, it takes a third longer. */
const asDer = (p1363: Buffer): Buffer => {
  const r = derInteger(p1363.subarray(0, 32));
  const s = derInteger(p1363.subarray(32));
  return Buffer.concat([Buffer.from([0x30, r.length + s.length]), r, s]);
};

/** Shortest form, with a zero before a leading bit that would read as a sign. */
const derInteger = (bytes: Buffer): Buffer => {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const sign = bytes[start]! >= 0x80 ? [0] : [];
  return Buffer.from([0x02, bytes.length - start + sign.length, ...sign, ...bytes.subarray(start)]);
};
