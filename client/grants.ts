import { readStatement } from "#protocol/certificate.ts";
import { type GrantStatement, grantStatement, type PublicJwk, type SignedStatement } from "#protocol/grants.ts";
import { fromBase64url, utf8 } from "./bytes.ts";

/** Whether the text is signed by this key, as protocol/certificate.ts asks for it. */
export const isSigned = async (key: PublicJwk, statement: string, signature: string): Promise<boolean> => {
  try {
    const curve = { name: "ECDSA", namedCurve: "P-256" };
    const imported = await crypto.subtle.importKey("jwk", key, curve, false, ["verify"]);
    const algorithm = { name: "ECDSA", hash: "SHA-256" };
    return await crypto.subtle.verify(algorithm, imported, fromBase64url(signature), utf8(statement));
  } catch {
    return false;
  }
};

/** The grant if one of the trust's keys signed it, for this tablet and this person; null for any other. Says nothing of time. */
export const readGrant = async (
  signed: SignedStatement,
  issuerKeys: readonly PublicJwk[],
  of: { deviceId: string; userId: string },
): Promise<GrantStatement | null> => {
  const read = await readStatement(grantStatement, signed, issuerKeys, isSigned);
  if ("fault" in read) return null;
  return read.says.deviceId === of.deviceId && read.says.userId === of.userId ? read.says : null;
};

/** The time as this tablet can best know it with no base to ask. Stored. */
export interface TrustedClock {
  /** Server time minus device clock at the last contact, ms. */
  offsetMs: number;
  /** The latest instant that was ever believed, ms since 1970. */
  floorMs: number;
}

/** A device clock that is set back makes no grant longer: time never goes back between two contacts. */
export const believedNowMs = (clock: TrustedClock | undefined, deviceNowMs: number): number =>
  clock === undefined ? deviceNowMs : Math.max(clock.floorMs, deviceNowMs + clock.offsetMs);

/** At a contact the base's time counts, even where this tablet believed a later one. */
export const clockAtContact = (serverTime: string, deviceNowMs: number): TrustedClock => {
  const serverMs = Date.parse(serverTime);
  return { offsetMs: serverMs - deviceNowMs, floorMs: serverMs };
};
