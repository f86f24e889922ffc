import { askAuthenticator } from "./authenticator.ts";
import type { Database } from "./database.ts";
import type { StoredDevice } from "./enrolment.ts";
import { believedNowMs, readGrant, type TrustedClock } from "./grants.ts";
import { type OpenedWrap, openWrap, type WrappedKey } from "./keys.ts";
import {
  afterRightPin,
  afterWrongPin,
  isDestroyed,
  noAttempts,
  type PinAttempts,
  pinWaitMs,
  triesLeft,
} from "./pin-attempts.ts";
import { things } from "./things.ts";

/**
 * Why nobody was let in. `destroyed`: ten wrong PINs; `grant-over`: the base has not been heard for too long; `authenticator`:
 * the tablet's own was not there or declined; `pin-alone`: the trust asks for one, and the tablet has none.
 */
export type Refused =
  | "wrong-pin"
  | "unknown-person"
  | "wait"
  | "destroyed"
  | "grant-over"
  | "authenticator"
  | "pin-alone";

export type PinResult =
  /** What the wrap held, the authenticator's half where there is one, and until when this person may come back without the base. */
  | { opened: OpenedWrap; authenticator: CryptoKey | undefined; untilMs: number }
  | { refused: Refused; retryAfterMs: number; triesLeft: number };

/** Tries a PIN. The attempt is counted before it is judged, so that closing the page does not take it back. */
export const tryPin = async (
  database: Database,
  device: StoredDevice,
  userId: string,
  pin: string,
  nowMs: number,
): Promise<PinResult> => {
  const [wraps = [], held, clock] = (await database.getAll([things.wraps, things.pinAttempts, things.clock])) as [
    WrappedKey[] | undefined,
    PinAttempts | undefined,
    TrustedClock | undefined,
  ];
  const attempts = held ?? noAttempts;
  const refused = (why: Refused, now = attempts): PinResult => ({
    refused: why,
    retryAfterMs: pinWaitMs(now, userId, nowMs),
    triesLeft: triesLeft(now, userId),
  });
  if (isDestroyed(attempts, userId)) return refused("destroyed");
  if (pinWaitMs(attempts, userId, nowMs) > 0) return refused("wait");
  const wrap = wraps.find((candidate) => candidate.userId === userId);
  if (wrap === undefined) return refused("unknown-person");
  const believed = believedNowMs(clock, nowMs);
  const untilMs = await grantedUntilMs(wrap, device);
  if (untilMs <= believed) return refused("grant-over");
  const { authenticator } = device;
  if (authenticator === null && device.enrolment.lockRules?.pinAlone === false) return refused("pin-alone");
  const authenticatorKey = authenticator === null ? undefined : ((await askAuthenticator(authenticator)) ?? null);
  if (authenticatorKey === null) return refused("authenticator");

  const counted = afterWrongPin(attempts, userId, nowMs);
  const isLast = isDestroyed(counted, userId);
  await database.set(things.pinAttempts, counted);
  const opened = await openWrap(wrap, pin, authenticatorKey);
  if (opened !== null) {
    const right = { name: things.pinAttempts, value: afterRightPin(attempts, userId) };
    const later = { name: things.clock, value: clock && { ...clock, floorMs: believed } };
    await database.write(["things"], (rows) => rows.things.bulkPut([right, later]));
    return { opened, authenticator: authenticatorKey, untilMs };
  }
  if (!isLast) return refused("wrong-pin", counted);
  await database.write(["things"], async (rows) => {
    await rows.things.put({ name: things.wraps, value: wraps.filter((each) => each !== wrap) });
    // The next contact is to bring the whole roster, and this person with it.
    const heartbeat = await rows.things.get(things.heartbeat);
    if (heartbeat === undefined) return;
    const { roster: _tag, ...kept } = heartbeat.value as { roster?: string };
    await rows.things.put({ name: things.heartbeat, value: kept });
  });
  return refused("destroyed");
};

/** By the base's clock; for ever where the base signs no grants, and 0 without one that counts. */
const grantedUntilMs = async (
  { grant: held, userId }: WrappedKey,
  { enrolment, identity }: StoredDevice,
): Promise<number> => {
  const { issuerKeys = [] } = enrolment;
  if (issuerKeys.length === 0) return Number.POSITIVE_INFINITY;
  const grant = held && (await readGrant(held, issuerKeys, { deviceId: identity.deviceId, userId }));
  return grant ? Date.parse(grant.notAfter) : 0;
};
