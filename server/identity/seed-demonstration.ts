import { createHash } from "node:crypto";
import pg from "pg";
import { type ControlChange, createControlLog, StaleSubject, type SubjectKind } from "../logs/control-log.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { hashOfCode } from "./codes.ts";
import {
  breakGlassCodes,
  type DemonstrationPerson,
  demonstrationSites,
  demonstrationStaff,
  deskCodes,
  screenCodes,
  tabletCodes,
} from "./demonstration-roster.ts";
import { keysOfPin } from "./pin-keys.ts";
import { sealedRoles } from "./seal-accounts.ts";
import type { PinSubject } from "./subjects.ts";

const pbkdf2Rounds = 100_000;
const farAway = "2099-12-31T00:00:00.000Z";

/** Of the stand-in for an organisation's provider, which `npm start` runs. */
export const demonstrationIssuer = (port: number): string => `http://id.localhost:${port}`;

/**
 * Writes the demonstration's people, sites, codes, sealed accounts and provider into a control log that knows nobody yet;
 * else does nothing. `ownerUrl` is the cell's database as its owner: no zone's role may write people by itself.
 */
export const seedDemonstration = async (
  ownerUrl: string,
  keyRing: KeyRing,
  trust: string,
  providerIssuer: string,
): Promise<void> => {
  const pool = new pg.Pool({ connectionString: ownerUrl, max: 1, application_name: "holdfast demonstration" });
  try {
    const log = createControlLog(pool, keyRing, "append_control");
    const { rowCount } = await pool.query("SELECT FROM subject WHERE kind = 'person' LIMIT 1");
    if (rowCount !== 0) return;
    const people = demonstrationStaff(trust).map((person) => personChange(person, providerIssuer));
    await log.append([...(await Promise.all(people)), ...placesAndCodes(providerIssuer)]);
  } catch (error) {
    // Another process of the same cell was first.
    if (!(error instanceof StaleSubject)) throw error;
  } finally {
    await pool.end();
  }
};

const added = (kind: SubjectKind, id: string, state: Record<string, unknown>): ControlChange => ({
  kind,
  id,
  state,
  by: {},
  reason: "demonstration",
  expected: 0,
});

const personChange = async (person: DemonstrationPerson, issuer: string): Promise<ControlChange> => {
  const { userId, name, staffNumber, roles, siteId, pin } = person;
  return added("person", userId, {
    name,
    staffNumber,
    roles,
    ...(siteId !== undefined && { siteId }),
    ...(pin !== undefined && { pin: await keyOfPin(userId, pin) }),
    provider: { issuer, sub: userId },
    demonstration: true,
  });
};

/** The PINs are printed, so a salt that anybody can work out gives nothing away; and each process computes a PIN once. */
const keysOfPins = new Map<string, Promise<PinSubject>>();
const keyOfPin = (userId: string, pin: string) => {
  const made = keysOfPins.get(userId) ?? deriveKeys(userId, pin);
  keysOfPins.set(userId, made);
  return made;
};
const deriveKeys = async (userId: string, pin: string): Promise<PinSubject> => {
  const digest = createHash("sha256").update(`demonstration PIN of ${userId}`).digest();
  const salt = digest.subarray(0, 16).toString("base64url");
  return { salt, rounds: pbkdf2Rounds, ...(await keysOfPin(pin, salt, pbkdf2Rounds)) };
};

const placesAndCodes = (issuer: string): ControlChange[] => {
  const code = (text: string, deviceName: string, zone: string, siteId?: string) =>
    added("enrolment-code", hashOfCode(text), {
      zone,
      ...(siteId !== undefined && { siteId }),
      deviceName,
      expiresAt: farAway,
      reusable: true,
    });
  return [
    ...demonstrationSites.map(({ siteId, name }) => added("site", siteId, { name })),
    ...tabletCodes.map((text) => code(text, text.replace("DEMO-TABLET-", "Tablet "), "crew")),
    ...[...screenCodes].map(([text, { siteId, name }]) => code(text, `${name} screen`, "care", siteId)),
    ...deskCodes.map((text) => code(text, text.replace("DEMO-DESK-", "Desk "), "control")),
    ...breakGlassCodes.map((text, i) =>
      added("break-glass", `sealed-${i + 1}`, {
        name: `Sealed account ${i + 1}`,
        codeHash: hashOfCode(text),
        roles: sealedRoles,
        sealedAt: new Date().toISOString(),
        demonstration: true,
      }),
    ),
    // A laptop that tries the demonstration may have no authenticator.
    added("setting", "lock", { afterMinutes: 5, pinAlone: true }),
    added("setting", "provider", {
      name: "Demonstration provider",
      issuer,
      clientId: "holdfast",
      acrValues: ["urn:holdfast:two-factors"],
      amrValues: ["mfa"],
    }),
  ];
};
