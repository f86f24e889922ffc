import { pbkdf2 } from "node:crypto";
import { promisify } from "node:util";
import type { EnrolRequest, EnrolResponse, RosterPerson } from "#protocol/enrolment.ts";
import { ProblemError } from "../http/problem-error.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import type { CellZone } from "../trusts.ts";
import {
  demonstrationFormulary,
  demonstrationPeople,
  demonstrationSites,
  demonstrationVehicles,
  screenCodes,
  tabletCodes,
} from "./demonstration-roster.ts";
import { type Devices, isPublicKey } from "./devices.ts";
import type { Identity, Principal } from "./identity.ts";
import { issueToken, readToken } from "./tokens.ts";

const pbkdf2Rounds = 100_000;
const tokenDays = 30;
const derive = promisify(pbkdf2);
/** Tokens whose seal was checked; oldest out first. */
const authenticMax = 20_000;

/** Sign-in of the demonstration: printed device codes, an invented roster with printed PINs. */
export const demonstrationIdentity = (
  cell: { trust: string; name: string },
  keyRing: KeyRing,
  devices: Devices,
): Identity => {
  let people: Promise<RosterPerson[]> | undefined;
  const roster = (): Promise<RosterPerson[]> => {
    people ??= Promise.all(
      demonstrationPeople(cell.trust).map(async ({ pin, ...person }) => {
        const salt = keyRing.derive(`pin salt ${person.userId}`).subarray(0, 16);
        const key = await derive(pin, salt, pbkdf2Rounds, 32, "sha256");
        const wrap = { salt: salt.toString("base64url"), rounds: pbkdf2Rounds, key: key.toString("base64url") };
        return { ...person, pin: wrap };
      }),
    );
    return people;
  };

  const enrol = async (request: EnrolRequest, zone: CellZone): Promise<Omit<EnrolResponse, "server">> => {
    const code = request.code.trim().toUpperCase();
    const site = screenCodes.get(code);
    const isKnown = zone === "crew" ? tabletCodes.includes(code) : site !== undefined;
    if (!isKnown)
      throw new ProblemError(
        403,
        "unknown-code",
        "This device code is not known here.",
        zone === "crew"
          ? "Use a tablet's code, such as DEMO-TABLET-1."
          : "Use a screen's code, such as DEMO-SCREEN-SOUTHGATE.",
      );
    if (!isPublicKey(request.publicKey))
      throw new ProblemError(
        400,
        "bad-key",
        "The public key is no point of P-256.",
        "Make a new key pair on the device.",
      );
    const held = await devices.find(request.deviceId);
    if (held && (held.jwk.x !== request.publicKey.x || held.jwk.y !== request.publicKey.y))
      throw new ProblemError(
        409,
        "device-taken",
        "This device id is enrolled with another key.",
        "Enrol as a new device, with a new id.",
      );
    const siteId = zone === "care" ? site?.siteId : undefined;
    const { deviceId, publicKey, name } = request;
    await devices.enrol({ deviceId, publicKey, name, zone, siteId, code });
    const readsUntilMs = Date.now() + tokenDays * 86_400_000;
    return {
      deviceId,
      trustName: cell.name,
      token: issueToken(keyRing.tokenKey, { deviceId, zone, siteId, readsUntilMs }),
      kind: zone === "crew" ? "tablet" : "screen",
      ...(zone === "care" && site && { site }),
      people: zone === "crew" ? await roster() : [],
      vehicles: zone === "crew" ? demonstrationVehicles(cell.trust) : [],
      sites: demonstrationSites,
      formulary: zone === "crew" ? demonstrationFormulary : [],
      demonstration: true,
    };
  };

  // A token says the same for ever: when its term ends is for the caller to see.
  const authentic = new Map<string, Principal>();

  return {
    enrol,
    authenticate: (token) => {
      const known = authentic.get(token);
      if (known) return known;
      try {
        const principal = readToken(keyRing.tokenKey, token);
        if (principal === null) return null;
        if (authentic.size >= authenticMax) authentic.delete(authentic.keys().next().value!);
        authentic.set(token, principal);
        return principal;
      } catch {
        return null;
      }
    },
  };
};
