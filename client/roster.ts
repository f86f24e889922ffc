import type { RosterPerson } from "#protocol/enrolment.ts";
import type { PublicJwk } from "#protocol/grants.ts";
import type { Database, Sealed } from "./database.ts";
import { type StoredDevice, withoutPin } from "./enrolment.ts";
import { clockAtContact, readGrant } from "./grants.ts";
import { type WrappedKey, wrapForMore } from "./keys.ts";
import type { PinAttempts } from "./pin-attempts.ts";
import { things } from "./things.ts";

/** What a contact with the base brings of who may sign in here. */
export interface RosterUpdate {
  people: RosterPerson[];
  issuerKeys?: PublicJwk[];
  /** The server's time of the answer. */
  time: string;
}

/** The opened data key, and the authenticator's half where there is one. */
export interface OpenKeys {
  dataKey: CryptoKey;
  authenticator: CryptoKey | undefined;
}

/**
 * Takes over a roster: who left is forgotten, and new grants count at once. New people and PINs need the data key, so a locked
 * tablet is not told them; the first contact after an unlock brings them. Resolves to the device as it is then.
 */
export const takeRoster = async (
  database: Database,
  device: StoredDevice,
  update: RosterUpdate,
  keys: OpenKeys | undefined,
): Promise<StoredDevice> => {
  const { issuerKeys, time } = update;
  const before = (await database.get<WrappedKey[]>(things.wraps)) ?? [];
  const people = await withGrantsThatCount(device, update, before);
  const made = keys === undefined ? [] : await wrapAnew(database, people, keys);
  const enrolment = {
    ...device.enrolment,
    people: people.map(withoutPin),
    ...(issuerKeys && { issuerKeys }),
  };
  await database.write(["things"], async (rows) => {
    // A PIN that was destroyed meanwhile stays so.
    const now = ((await rows.things.get(things.wraps))?.value as WrappedKey[] | undefined) ?? [];
    const fresh = new Set(made.map(({ userId }) => userId));
    const wraps = [...made, ...withNewGrants(now, people).filter(({ userId }) => !fresh.has(userId))];
    const nowMs = Date.now();
    await rows.things.bulkPut([
      { name: things.enrolment, value: enrolment },
      { name: things.wraps, value: wraps },
      { name: things.clock, value: clockAtContact(time, nowMs) },
    ]);
    if (made.length > 0) await letInAgain(rows, nowMs);
  });
  return { ...device, enrolment };
};

/**
 * A grant that none of the known keys signed lets nobody in: the one that is held goes on, until the base has said which key it
 * signs with now.
 */
const withGrantsThatCount = async (
  { enrolment, identity }: StoredDevice,
  { people, issuerKeys }: RosterUpdate,
  before: readonly WrappedKey[],
): Promise<RosterPerson[]> => {
  const keys = issuerKeys ?? enrolment.issuerKeys ?? [];
  const held = new Map(before.map(({ userId, grant }) => [userId, grant]));
  return Promise.all(
    people.map(async (person) => {
      const { grant: given, ...rest } = person;
      const of = { deviceId: identity.deviceId, userId: person.userId };
      const counts = given !== undefined && (await readGrant(given, keys, of)) !== null;
      const grant = counts ? given : (held.get(person.userId) ?? given);
      return { ...rest, ...(grant && { grant }) };
    }),
  );
};

const withNewGrants = (wraps: readonly WrappedKey[], people: readonly RosterPerson[]): WrappedKey[] => {
  const byId = new Map(people.map((person) => [person.userId, person]));
  return wraps.flatMap((wrap) => {
    const person = byId.get(wrap.userId);
    if (person === undefined) return [];
    return [{ ...wrap, ...(person.grant && { grant: person.grant }) }];
  });
};

const wrapAnew = async (database: Database, people: readonly RosterPerson[], keys: OpenKeys): Promise<WrappedKey[]> => {
  const itself = await database.get<Sealed>(things.dataKeyItself);
  return itself === undefined ? [] : wrapForMore(keys.dataKey, itself, people, keys.authenticator);
};

type Things = Parameters<Parameters<Database["write"]>[1]>[0];

/** Ten wrong PINs are forgiven by a contact that came after them; one from before must not undo them. */
const letInAgain = async (rows: Things, contactMs: number): Promise<void> => {
  const row = await rows.things.get(things.pinAttempts);
  const attempts = row?.value as PinAttempts | undefined;
  if (attempts === undefined) return;
  const people = Object.fromEntries(
    Object.entries(attempts.people).filter(
      ([, one]) => !(one.destroyedAtMs !== undefined && one.destroyedAtMs < contactMs),
    ),
  );
  await rows.things.put({ name: things.pinAttempts, value: { ...attempts, people } });
};
