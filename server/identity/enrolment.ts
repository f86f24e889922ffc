import type { EnrolRequest, EnrolResponse } from "#protocol/enrolment.ts";
import { ProblemError } from "../http/problem-error.ts";
import { type ControlChange, type ControlLog, StaleSubject, type Subject } from "../logs/control-log.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import type { CellZone } from "../trusts.ts";
import { certify, deviceToken, pushToken } from "./certificates.ts";
import { hashOfCode } from "./codes.ts";
import { demonstrationFormulary, demonstrationSites, demonstrationVehicles } from "./demonstration-roster.ts";
import { isPublicKey } from "./device-key.ts";
import type { Devices } from "./devices.ts";
import type { Inbox } from "./inbox.ts";
import type { Issuer } from "./issuer.ts";
import { rosterFor } from "./roster.ts";
import type { SiteKeys } from "./site-keys.ts";
import { enrolmentCodeSubject } from "./subjects.ts";

export interface EnrolmentParts {
  trust: string;
  /** As people read it. */
  name: string;
  keyRing: KeyRing;
  devices: Devices;
  log: ControlLog;
  issuer: Issuer;
  inbox: Inbox;
  siteKeys: SiteKeys;
}

/** Answers without `server`, which the route adds. Rejects with a ProblemError that says what to do. */
export type Enrol = (request: EnrolRequest, zone: CellZone) => Promise<Omit<EnrolResponse, "server">>;

export const createEnrolment = (parts: EnrolmentParts): Enrol => {
  const { devices, log, keyRing, issuer, inbox, siteKeys, trust, name: trustName } = parts;

  /** Uses the code and enrols the device in one commit, so that no code makes two devices and none is used for nothing. */
  const admit = async (request: EnrolRequest, zone: CellZone): Promise<{ siteId: string | undefined }> => {
    const { deviceId, publicKey } = request;
    const id = hashOfCode(request.code);
    const code = usable(await log.find("enrolment-code", id), zone, deviceId);
    const held = await devices.find(deviceId);
    if (held && (held.jwk.x !== publicKey.x || held.jwk.y !== publicKey.y || held.zone !== zone)) throw deviceTaken();
    if (held && held.state !== "active") throw notActive(held.state);
    // The same device again with the same code: its answer was lost on the way.
    const isAgain = held !== undefined && code.usedBy === deviceId;
    const { siteId, deviceName: name } = code;
    if (!isAgain) await devices.enrol({ deviceId, publicKey, name, zone, siteId }, use(code, id, deviceId));
    return { siteId };
  };

  return async (request, zone) => {
    if (!isPublicKey(request.publicKey))
      throw new ProblemError(
        400,
        "bad-key",
        "The public key is no point of P-256.",
        "Make a new key pair on the device.",
      );
    const { siteId } = await admit(request, zone).catch(async (error: unknown) => {
      if (!(error instanceof StaleSubject)) throw error;
      // Another device used the code at the same time, or this one did twice: what is known now decides.
      await devices.refresh();
      return admit(request, zone);
    });
    const { deviceId, publicKey } = request;
    const nowMs = Date.now();
    const device = { deviceId, publicKey, zone, siteId };
    const isTablet = zone === "crew";
    const roster = isTablet ? await rosterFor(parts, deviceId, nowMs) : undefined;
    const site = siteId === undefined ? undefined : await siteOf(log, siteId);
    return {
      deviceId,
      trustName,
      token: deviceToken(keyRing, device, nowMs),
      certificate: certify(issuer, trust, device, nowMs),
      issuerKeys: [...issuer.publicKeys],
      kind: isTablet ? "tablet" : "screen",
      ...(site && { site }),
      ...(isTablet && {
        pushToken: pushToken(keyRing, device),
        inboxKey: inbox.publicKey,
        siteKeys: [...siteKeys.publicKeys],
        ...(roster && { lockRules: roster.lockRules }),
      }),
      people: roster?.people ?? [],
      vehicles: isTablet ? demonstrationVehicles(trust) : [],
      sites: demonstrationSites,
      formulary: isTablet ? demonstrationFormulary : [],
      demonstration: true,
    };
  };
};

interface UsableCode {
  position: number;
  state: Record<string, unknown>;
  siteId: string | undefined;
  deviceName: string;
  usedBy: string | undefined;
  reusable: boolean;
}

/** The code, if this device may use it now. All who guess are answered the same. */
const usable = (subject: Subject | undefined, zone: CellZone, deviceId: string): UsableCode => {
  if (subject === undefined) throw unknownCode();
  const { position, state } = subject;
  const { siteId, deviceName, usedBy, expiresAt, reusable = false, ...code } = enrolmentCodeSubject.parse(state);
  if (code.zone !== zone) throw unknownCode();
  if (Date.parse(expiresAt) <= Date.now())
    throw new ProblemError(403, "code-expired", "This code has run out.", "Ask the desk for a new one.");
  if (usedBy !== undefined && usedBy !== deviceId && !reusable)
    throw new ProblemError(
      403,
      "code-used",
      "This code has been used by another device.",
      "Ask the desk for a new one. If it should not have been used, say so: the desk sees by which device.",
    );
  return { position, state, siteId, deviceName, usedBy, reusable };
};

const use = ({ state, position, reusable }: UsableCode, id: string, deviceId: string): ControlChange[] =>
  reusable
    ? []
    : [{ kind: "enrolment-code", id, state: { ...state, usedBy: deviceId }, by: { deviceId }, expected: position }];

const siteOf = async (log: ControlLog, siteId: string): Promise<{ siteId: string; name: string }> => {
  const name = (await log.find("site", siteId))?.state.name;
  return { siteId, name: typeof name === "string" ? name : siteId };
};

const unknownCode = (): ProblemError =>
  new ProblemError(
    403,
    "unknown-code",
    "This device code is not known here.",
    "Check it, and that it is for this trust and this kind of device; the desk gives out new ones.",
  );

const deviceTaken = (): ProblemError =>
  new ProblemError(
    409,
    "device-taken",
    "This device id is enrolled with another key, or for something else.",
    "Enrol as a new device, with a new id.",
  );

const notActive = (state: string): ProblemError =>
  new ProblemError(
    403,
    `device-${state}`,
    `This device is ${state}.`,
    "Bring it to the desk. What it holds is kept, and still reaches the base.",
  );
