import type { EnrolResponse } from "#protocol/enrolment.ts";
import { protocolVersion } from "#protocol/version.ts";
import type { Enrolment, Person } from "./client.ts";
import type { Database, Sealed } from "./database.ts";
import {
  afterWrongPin,
  createIdentity,
  createScreenKey,
  createTabletKey,
  type DeviceIdentity,
  openWrap,
  type PinAttempts,
  pinWaitMs,
  type WrappedKey,
} from "./keys.ts";
import { sealText, unsealText } from "./sealing.ts";
import { enrol } from "./transport.ts";

/** Names of the rows that make a browser a device. */
const things = {
  enrolment: "enrolment",
  identity: "identity",
  token: "token",
  wraps: "wraps",
  screenKey: "screen-key",
  pinAttempts: "pin-attempts",
} as const;

export interface StoredDevice {
  enrolment: Enrolment;
  identity: DeviceIdentity;
  /** A screen's; a tablet's comes by PIN. */
  screenKey: CryptoKey | undefined;
}

export const readDevice = async (database: Database): Promise<StoredDevice | undefined> => {
  const names = [things.enrolment, things.identity, things.screenKey];
  const [enrolment, identity, screenKey] = await database.getAll(names);
  if (enrolment === undefined || identity === undefined) return undefined;
  return {
    enrolment: enrolment as Enrolment,
    identity: identity as DeviceIdentity,
    screenKey: screenKey as CryptoKey | undefined,
  };
};

const withoutSecrets = (baseUrl: string, answer: EnrolResponse): Enrolment => {
  const { server: _server, token: _token, people, ...open } = answer;
  return { ...open, baseUrl, people: people.map(({ userId, name, role }): Person => ({ userId, name, role })) };
};

/**
 * Presents a code and a new public key, and stores what came back in one transaction: a half-enrolled device does not
 * exist. The token is sealed under the data key, so that a copied database of a locked tablet speaks to nobody.
 */
export const enrolDevice = async (
  database: Database,
  app: "tablet" | "screen",
  baseUrl: string,
  code: string,
): Promise<StoredDevice> => {
  const identity = await createIdentity();
  const answer = await enrol(
    { baseUrl },
    { protocol: protocolVersion, code, deviceId: identity.deviceId, publicKey: identity.publicKey, name: app },
  );
  const screenKey = answer.kind === "screen" ? await createScreenKey() : undefined;
  const { dataKey, wraps } = screenKey ? { dataKey: screenKey, wraps: [] } : await createTabletKey(answer.people);
  const enrolment = withoutSecrets(baseUrl, answer);
  const token = await sealText(dataKey, things.token, answer.token);
  await database.write(["things"], (rows) =>
    rows.things.bulkPut([
      { name: things.enrolment, value: enrolment },
      { name: things.identity, value: identity },
      { name: things.token, value: token },
      { name: things.wraps, value: wraps },
      ...(screenKey ? [{ name: things.screenKey, value: screenKey }] : []),
    ]),
  );
  return { enrolment, identity, screenKey };
};

/** The device's bearer token; rejects when the key is not this device's. */
export const readToken = async (database: Database, dataKey: CryptoKey): Promise<string> => {
  const sealed = await database.get<Sealed>(things.token);
  if (sealed === undefined) throw new Error("This device has no token: enrol it again.");
  return unsealText(dataKey, things.token, sealed);
};

export type PinResult =
  | { opened: CryptoKey }
  | { refused: "wrong-pin" | "unknown-person" | "wait"; retryAfterMs: number };

/** Tries a PIN. The attempt is counted before it is judged, so that closing the page does not take it back. */
export const tryPin = async (database: Database, userId: string, pin: string, nowMs: number): Promise<PinResult> => {
  const wraps = (await database.get<WrappedKey[]>(things.wraps)) ?? [];
  const wrap = wraps.find((candidate) => candidate.userId === userId);
  const attempts = await database.get<PinAttempts>(things.pinAttempts);
  const wait = pinWaitMs(attempts, nowMs);
  if (wait > 0) return { refused: "wait", retryAfterMs: wait };
  if (wrap === undefined) return { refused: "unknown-person", retryAfterMs: 0 };
  const counted = afterWrongPin(attempts, nowMs);
  await database.set(things.pinAttempts, counted);
  const opened = await openWrap(wrap, pin);
  if (opened === null) return { refused: "wrong-pin", retryAfterMs: pinWaitMs(counted, nowMs) };
  await database.set(things.pinAttempts, { wrong: 0, notBeforeMs: 0 });
  return { opened };
};
