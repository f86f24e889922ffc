import type { EnrolResponse, RosterPerson } from "#protocol/enrolment.ts";
import { protocolVersion } from "#protocol/version.ts";
import { createAuthenticator, type LocalAuthenticator } from "./authenticator.ts";
import type { Enrolment, Person } from "./client.ts";
import { readServers } from "./contact.ts";
import type { Database, Sealed } from "./database.ts";
import { clockAtContact } from "./grants.ts";
import { createBox } from "./inbox.ts";
import { createIdentity, createScreenKey, createTabletKey, type DeviceIdentity } from "./keys.ts";
import { sealBytes, sealText, unsealBytes, unsealText } from "./sealing.ts";
import { onlyServer } from "./servers.ts";
import { StoreFailure } from "./store-failure.ts";
import { things } from "./things.ts";
import { enrol } from "./transport.ts";

export interface StoredDevice {
  enrolment: Enrolment;
  identity: DeviceIdentity;
  /** A screen's; a tablet's comes by PIN. */
  screenKey: CryptoKey | undefined;
  /** Half of a tablet's unlock key; null where a PIN opens it alone. */
  authenticator: LocalAuthenticator | null;
}

export const readDevice = async (database: Database): Promise<StoredDevice | undefined> => {
  const names = [things.enrolment, things.identity, things.screenKey, things.authenticator];
  const [enrolment, identity, screenKey, authenticator] = await database.getAll(names);
  if (enrolment === undefined || identity === undefined) return undefined;
  return {
    enrolment: enrolment as Enrolment,
    identity: identity as DeviceIdentity,
    screenKey: screenKey as CryptoKey | undefined,
    authenticator: (authenticator as LocalAuthenticator | undefined) ?? null,
  };
};

/** A rostered person as the lock screen may list them: no secret of theirs. */
export const withoutPin = ({ userId, name, role, roles, staffNumber }: RosterPerson): Person => ({
  userId,
  name,
  role,
  ...(roles !== undefined && { roles }),
  ...(staffNumber !== undefined && { staffNumber }),
});

const withoutSecrets = async (baseUrl: string, answer: EnrolResponse): Promise<Enrolment> => {
  const { server, token: _token, people, servers, ...open } = answer;
  const serverUrls = servers && (await readServers(open, servers, server.trust));
  return { ...open, baseUrl, people: people.map(withoutPin), ...(serverUrls && { serverUrls }) };
};

type Row = { name: string; value: unknown };

/** The rows of a tablet's keys. Whatever opens the rest is under a PIN, and under the authenticator where there is one. */
const tabletRows = async (answer: EnrolResponse): Promise<{ dataKey: CryptoKey; rows: Row[] }> => {
  const local = await createAuthenticator(answer.trustName);
  const { dataKey, wraps, itself } = await createTabletKey(answer.people, local?.key);
  const box = await createBox();
  const rows = [
    { name: things.wraps, value: wraps },
    { name: things.dataKeyItself, value: itself },
    { name: things.box, value: box.publicKey },
    { name: things.boxKey, value: await sealBytes(dataKey, things.boxKey, box.privateKey) },
    { name: things.clock, value: clockAtContact(answer.server.time, Date.now()) },
    { name: things.authenticator, value: local?.authenticator ?? null },
  ];
  return { dataKey, rows };
};

const screenRows = async (): Promise<{ dataKey: CryptoKey; rows: Row[] }> => {
  const dataKey = await createScreenKey();
  return { dataKey, rows: [{ name: things.screenKey, value: dataKey }] };
};

/** The same at each attempt: the answer to one may have been lost, and its code is then used by this identity. */
const identityToEnrol = async (database: Database): Promise<DeviceIdentity> => {
  const held = await database.get<DeviceIdentity>(things.identity);
  const identity = held ?? (await createIdentity());
  if (held === undefined) await database.set(things.identity, identity);
  return identity;
};

/**
 * Presents a code and a new public key, and stores what came back in one transaction: a half-enrolled device does not
 * exist. The token is sealed under the data key, so that a copied database of a locked tablet reads nothing.
 *
 * `earlier`: the same tablet, which nobody can unlock any more. It stays the device that it is, and forgets what it holds:
 * nothing of it may be only here.
 */
export const enrolDevice = async (
  database: Database,
  app: "tablet" | "screen",
  baseUrl: string,
  code: string,
  earlier?: StoredDevice,
): Promise<StoredDevice> => {
  const identity = earlier?.identity ?? (await identityToEnrol(database));
  const answer = await enrol(
    { servers: onlyServer(baseUrl) },
    { protocol: protocolVersion, code, deviceId: identity.deviceId, publicKey: identity.publicKey, name: app },
  );
  const { dataKey, rows: keys } = answer.kind === "screen" ? await screenRows() : await tabletRows(answer);
  const token = await sealText(dataKey, things.token, answer.token);
  const enrolment = await withoutSecrets(baseUrl, answer);
  await database.write(["things", "entries", "records", "touched", "blobs"], async (rows) => {
    if (earlier) await forgetContents(rows);
    await rows.things.bulkPut([
      { name: things.enrolment, value: enrolment },
      { name: things.identity, value: identity },
      { name: things.token, value: token },
      ...keys,
    ]);
  });
  return (await readDevice(database))!;
};

/** What was sealed under a data key that nobody opens any more. */
const forgetContents = async (rows: Parameters<Parameters<Database["write"]>[1]>[0]): Promise<void> => {
  const isNeeded = ({ at }: { at: string }) => at === "waiting" || at === "held";
  if ((await rows.entries.filter(isNeeded).count()) > 0) throw new StoreFailure("needed");
  await Promise.all([rows.entries.clear(), rows.records.clear(), rows.touched.clear(), rows.blobs.clear()]);
  await rows.things.bulkDelete([things.drafts, things.lockedRecords, things.pinAttempts]);
};

/** The device's own token; rejects when the key is not this device's. */
export const readToken = async (database: Database, dataKey: CryptoKey): Promise<string> => {
  const sealed = await database.get<Sealed>(things.token);
  if (sealed === undefined) throw new Error("This device has no token: enrol it again.");
  return unsealText(dataKey, things.token, sealed);
};

/** What opens the things that this tablet sealed to itself while it was locked; undefined on a screen. */
export const readBoxKey = async (database: Database, dataKey: CryptoKey): Promise<Sealed | undefined> => {
  const sealed = await database.get<Sealed>(things.boxKey);
  return sealed && unsealBytes(dataKey, things.boxKey, sealed);
};
