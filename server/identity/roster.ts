import * as z from "zod/mini";
import type { Role } from "#defence/access/words.ts";
import type { LockRules, RosterPerson } from "#protocol/enrolment.ts";
import type { SiteKey } from "#protocol/film.ts";
import type { GrantStatement, PublicJwk } from "#protocol/grants.ts";
import type { ControlLog } from "../logs/control-log.ts";
import type { Inbox } from "./inbox.ts";
import type { Issuer } from "./issuer.ts";
import { readPeople } from "./people.ts";
import type { SiteKeys } from "./site-keys.ts";

/** A grant lets somebody in for so long without the base being asked; every contact after a day brings new ones. */
const grantDays = 30;
const dayMs = 86_400_000;

/** As the desk has set it. */
const lockSetting = z.object({
  afterMinutes: z._default(z.int(), 5),
  pinAlone: z._default(z.boolean(), false),
});

/** Everybody with a PIN, each with a grant for this tablet, and how it locks; `tag` changes with any of it, and every day. */
export interface Roster {
  tag: string;
  people: RosterPerson[];
  lockRules: LockRules;
  inboxKey: PublicJwk;
  siteKeys: SiteKey[];
}

export interface RosterAsked {
  /** The tag of the roster that the tablet has. */
  held?: string | undefined;
  /**
   * A locked tablet asks, with the token that reads nothing. It is told no PINs: what wraps its data key with a PIN would open
   * it, and whoever copied its disk could ask as well.
   */
  isLocked?: boolean;
}

/** Undefined is answered while nothing has changed since the roster that the tablet has. */
export const rosterFor = async (
  parts: {
    log: ControlLog;
    issuer: Issuer;
    inbox: Pick<Inbox, "publicKey">;
    siteKeys: Pick<SiteKeys, "publicKeys">;
    trust: string;
  },
  deviceId: string,
  nowMs: number,
  { held, isLocked = false }: RosterAsked = {},
): Promise<Roster | undefined> => {
  const { log, issuer, inbox, siteKeys, trust } = parts;
  const [newestPerson, newestPin, newestSiteKey, lock] = await Promise.all([
    log.newest("person"),
    log.newest("pin"),
    log.newest("site-key"),
    log.find("setting", "lock"),
  ]);
  // `2`: tablets that were told a PIN's result are told its wrap key.
  const newest = Math.max(newestPerson, newestPin, newestSiteKey, lock?.position ?? 0);
  const whole = `2.${newest}.${Math.floor(nowMs / dayMs)}`;
  const tag = isLocked ? `${whole}.locked` : whole;
  if (held === tag || held === whole) return undefined;
  const people = (await readPeople(log)).flatMap((person): RosterPerson[] => {
    const { userId, name, roles, staffNumber, pin, endsAt } = person;
    const endsMs = endsAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(endsAt);
    if (pin === undefined || endsMs <= nowMs) return [];
    const says: GrantStatement = {
      type: "grant",
      trust,
      deviceId,
      userId,
      name,
      roles,
      staffNumber,
      notAfter: new Date(Math.min(endsMs, nowMs + grantDays * dayMs)).toISOString(),
    };
    return [
      {
        userId,
        name,
        role: roles.map(roleWords).join(", "),
        roles,
        ...(!isLocked && { pinWrap: { salt: pin.salt, rounds: pin.rounds, key: pin.wrap } }),
        staffNumber,
        grant: issuer.sign(says),
      },
    ];
  });
  return {
    tag,
    people,
    lockRules: lockSetting.parse(lock?.state ?? {}),
    inboxKey: inbox.publicKey,
    siteKeys: [...siteKeys.publicKeys],
  };
};

/** "newly-qualified-paramedic" as a person reads it. */
const roleWords = (role: Role): string => {
  const words = role.replaceAll("-", " ").replace("hems", "HEMS");
  return words.charAt(0).toUpperCase() + words.slice(1);
};
