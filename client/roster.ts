import type { RosterPerson } from "#protocol/enrolment.ts";
import type { PublicJwk } from "#protocol/grants.ts";
import type { Database, Sealed } from "./database.ts";
import { type StoredDevice, withoutPin } from "./enrolment.ts";
import { clockAtContact, readGrant } from "./grants.ts";
import { createInboxSealer, openBoxed } from "./inbox.ts";
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

interface BoxedRoster {
  boxed: Sealed;
  receivedMs: number;
}

/**
 * Takes over a roster: who left is forgotten, new grants count at once, and new people and PINs get their wraps. A wrap needs
 * the data key, so what comes to a locked tablet waits in its box until anybody unlocks it. Resolves to the device as it is then.
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
  const byId = new Map(people.map((person) => [person.userId, person]));
  const wraps = keys === undefined ? withNewGrants(before, byId) : await wrapAnew(database, people, keys);
  const enrolment = {
    ...device.enrolment,
    people: people.map(withoutPin),
    ...(issuerKeys && { issuerKeys }),
  };
  const boxed = keys === undefined ? await intoBox(database, people) : undefined;
  await database.write(["things"], async (rows) => {
    const nowMs = Date.now();
    await rows.things.bulkPut([
      { name: things.enrolment, value: enrolment },
      { name: things.wraps, value: wraps },
      { name: things.clock, value: clockAtContact(time, nowMs) },
    ]);
    if (boxed) await rows.things.put({ name: things.rosterInBox, value: { boxed, receivedMs: nowMs } });
    else await letInAgain(rows, nowMs);
  });
  return { ...device, enrolment };
};

/** After an unlock: what came while the tablet was locked. */
export const openRosterBox = async (database: Database, boxKey: Sealed, keys: OpenKeys): Promise<void> => {
  const held = await database.get<BoxedRoster>(things.rosterInBox);
  if (held === undefined) return;
  const people = JSON.parse(await openBoxed(boxKey, things.rosterInBox, held.boxed)) as RosterPerson[];
  const wraps = await wrapAnew(database, people, keys);
  await database.write(["things"], async (rows) => {
    await rows.things.put({ name: things.wraps, value: wraps });
    await letInAgain(rows, held.receivedMs);
    await rows.things.delete(things.rosterInBox);
  });
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

const withNewGrants = (wraps: WrappedKey[], byId: ReadonlyMap<string, RosterPerson>): WrappedKey[] =>
  wraps.flatMap((wrap) => {
    const person = byId.get(wrap.userId);
    if (person === undefined) return [];
    return [{ ...wrap, ...(person.grant && { grant: person.grant }) }];
  });

const wrapAnew = async (database: Database, people: readonly RosterPerson[], keys: OpenKeys): Promise<WrappedKey[]> => {
  const itself = await database.get<Sealed>(things.dataKeyItself);
  if (itself === undefined) return (await database.get<WrappedKey[]>(things.wraps)) ?? [];
  return wrapForMore(keys.dataKey, itself, people, keys.authenticator);
};

const intoBox = async (database: Database, people: readonly RosterPerson[]): Promise<Sealed | undefined> => {
  const box = await database.get<PublicJwk>(things.box);
  if (box === undefined) return undefined;
  return (await createInboxSealer(box)).seal(things.rosterInBox, JSON.stringify(people));
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
