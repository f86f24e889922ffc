import { createHmac, timingSafeEqual } from "node:crypto";
import { readStatement } from "#protocol/certificate.ts";
import { grantStatement } from "#protocol/grants.ts";
import { type GrantSignIn, pinProofText } from "#protocol/sign-in.ts";
import { ProblemError } from "../http/problem-error.ts";
import { verifyText } from "./certificates.ts";
import type { Principal } from "./identity.ts";
import type { Issuer } from "./issuer.ts";
import type { PersonSubject } from "./subjects.ts";

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

/** Rejects with a 403 `other-pin` unless this person's own PIN was typed: whoever unlocked the tablet could else take a crewmate's name. */
export const checkPinProof = ({ grant, pinProof }: GrantSignIn, pin: PersonSubject["pin"]): void => {
  const given = Buffer.from(pinProof, "base64url");
  const expected = pin && createHmac("sha256", Buffer.from(pin.key, "base64url")).update(pinProofText(grant)).digest();
  if (expected?.length === given.length && timingSafeEqual(expected, given)) return;
  throw new ProblemError(
    403,
    "other-pin",
    "The PIN that opened this tablet is not this person's at the base any more.",
    "Go on writing. Once the tablet has heard the base, lock it and sign in with the new PIN.",
  );
};
