import { readStatement } from "#protocol/certificate.ts";
import { grantStatement } from "#protocol/grants.ts";
import type { GrantSignIn } from "#protocol/sign-in.ts";
import { ProblemError } from "../http/problem-error.ts";
import { verifyText } from "./certificates.ts";
import type { Principal } from "./identity.ts";
import type { Issuer } from "./issuer.ts";

/**
 * Whom a tablet let in by PIN: the user id of a grant that the trust signed for this person on this tablet. The tablet's own
 * token, which the request comes with, is sealed on it under what the PIN opens: so the device key and the PIN are two factors.
 * Rejects with a 403 `bad-grant`, also for one that has run out.
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
