import { timingSafeEqual } from "node:crypto";
import { readStatement } from "#protocol/certificate.ts";
import { grantStatement } from "#protocol/grants.ts";
import type { GrantSignIn } from "#protocol/sign-in.ts";
import { ProblemError } from "../http/problem-error.ts";
import { verifyText } from "./certificates.ts";
import type { Principal } from "./identity.ts";
import type { Issuer } from "./issuer.ts";
import type { KnownPerson } from "./people.ts";
import { pinProofOf } from "./pin-keys.ts";
import type { PinTries } from "./pin-tries.ts";

/**
 * Whom a tablet let in by PIN: the user id of a grant that the trust signed for this person on this tablet. Rejects with a 403
 * `bad-grant`, also for one that has run out. The device's key is one factor; `checkPinProof` sees to the other.
 */
export const userOfGrant = async (
  { grant }: GrantSignIn,
  { deviceId, zone }: Principal,
  { trust, issuer, nowMs }: { trust: string; issuer: Issuer; nowMs: number },
): Promise<string> => {
  const read = await readStatement(grantStatement, grant, issuer.publicKeys, verifyText);
  const isOurs =
    "says" in read &&
    zone === "crew" &&
    read.says.trust === trust &&
    read.says.deviceId === deviceId &&
    Date.parse(read.says.notAfter) > nowMs;
  if (isOurs) return read.says.userId;
  throw new ProblemError(
    403,
    "bad-grant",
    "This tablet holds no grant for this person that counts any more.",
    "Go on writing; the tablet asks the base for new grants by itself.",
  );
};

/**
 * Rejects with a 403 `other-pin` unless this person's own PIN was typed: whoever unlocked the tablet could else take a crewmate's
 * name; and with `pin-wait` or `pin-locked`, unjudged, after too many that were not right.
 */
export const checkPinProof = async (
  { grant, pinProof }: GrantSignIn,
  { userId, pin }: KnownPerson,
  { deviceId }: Principal,
  { tries, onSecurityEvent }: PinProofParts,
): Promise<void> => {
  const begun = await tries.begin(userId, deviceId, pinProof);
  const event = (code: string) => onSecurityEvent({ code, deviceId, userId });
  if (!begun.judge) {
    event(`pin-${begun.why}`);
    throw begun.why === "wait" ? waits(begun.retryAfterMs) : locked();
  }
  const given = Buffer.from(pinProof, "base64url");
  const expected = pin && pinProofOf(pin.proof, grant);
  if (expected?.length === given.length && timingSafeEqual(expected, given)) return tries.right(userId, deviceId);
  event("pin-proof-wrong");
  throw new ProblemError(
    403,
    "other-pin",
    "The PIN that opened this tablet is not this person's at the base any more.",
    "Go on writing. Once the tablet has heard the base, lock it and sign in with the new PIN.",
  );
};

export interface PinProofParts {
  tries: PinTries;
  onSecurityEvent(event: { code: string; deviceId: string; userId: string }): void;
}

const waits = (retryAfterMs: number): ProblemError =>
  new ProblemError(
    403,
    "pin-wait",
    "This tablet has shown wrong PINs for this person.",
    "Go on writing. Lock the tablet and sign in again in some minutes.",
    retryAfterMs,
  );

const locked = (): ProblemError =>
  new ProblemError(
    403,
    "pin-locked",
    "This tablet has shown too many wrong PINs for this person.",
    "Go on writing. A new PIN with a code from the desk, or a sign-in with a passkey, lets the person in again.",
  );
