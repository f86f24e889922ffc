import "fake-indexeddb/auto";
import { pbkdf2Sync } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import type { RosterPerson } from "#protocol/enrolment.ts";
import type { GrantStatement } from "#protocol/grants.ts";
import { pinKeys } from "#server/identity/pin-keys.ts";
import { base64url } from "./bytes.ts";
import { Database } from "./database.ts";
import { readDevice, type StoredDevice } from "./enrolment.ts";
import { createIdentity, createTabletKey, type DeviceIdentity, signerOf } from "./keys.ts";
import { type PinResult, tryPin } from "./pin.ts";
import { noAttempts } from "./pin-attempts.ts";
import { browserRandom } from "./ports.ts";
import { takeRoster } from "./roster.ts";
import { things } from "./things.ts";

const start = Date.UTC(2026, 10, 23, 6);
const days = (count: number) => start + count * 86_400_000;
const at = (ms: number) => new Date(ms).toISOString();

describe("a tablet that has not heard the base", async () => {
  const issuer = await createIdentity();
  const tablet = await createIdentity();
  let database: Database;
  let device: StoredDevice;

  const person = async (userId: string, pin: string, notAfterMs: number, by = issuer): Promise<RosterPerson> => {
    const salt = Buffer.from(userId.padEnd(16, "."));
    const key = pinKeys(pbkdf2Sync(pin, salt, 1_000, 32, "sha256")).wrap;
    const grant: GrantStatement = {
      type: "grant",
      trust: "northmoor",
      deviceId: tablet.deviceId,
      userId,
      name: "DEMO-Medic",
      roles: ["paramedic"],
      staffNumber: "N1",
      notAfter: at(notAfterMs),
    };
    const pinWrap = { salt: base64url(new Uint8Array(salt)), rounds: 1_000, key };
    return { userId, name: "DEMO-Medic", role: "Paramedic", pinWrap, grant: await signedBy(by, grant) };
  };
  const signedBy = async (by: DeviceIdentity, says: GrantStatement) => {
    const statement = JSON.stringify(says);
    return { statement, signature: await signerOf(by).sign(statement) };
  };
  const enrolledWith = async (people: RosterPerson[]): Promise<void> => {
    const { wraps, itself } = await createTabletKey(people);
    const enrolment = { baseUrl: "", people: [], issuerKeys: [issuer.publicKey] };
    const rows: [string, unknown][] = [
      [things.enrolment, enrolment],
      [things.identity, tablet],
      [things.wraps, wraps],
      [things.dataKeyItself, itself],
      [things.clock, { offsetMs: 0, floorMs: start }],
    ];
    for (const [name, value] of rows) await database.set(name, value);
    device = (await readDevice(database))!;
  };
  const sign = (userId: string, pin: string, nowMs: number): Promise<PinResult> =>
    tryPin(database, device, userId, pin, nowMs);

  beforeEach(async () => {
    database = new Database(browserRandom.uuid());
    await enrolledWith([await person("u1", "1111", days(15)), await person("u2", "2222", days(15))]);
  });

  it("lets everybody on its roster in for fourteen days, and nobody after their grant", async () => {
    for (let day = 0; day <= 14; day++)
      expect(await sign(day % 2 ? "u1" : "u2", day % 2 ? "1111" : "2222", days(day))).toHaveProperty("opened");
    expect(await sign("u1", "1111", days(15))).toMatchObject({ refused: "grant-over" });
  });

  it("is not taken in by a clock that is set back, or a grant that another trust signed", async () => {
    expect(await sign("u1", "1111", days(14))).toHaveProperty("opened");
    expect(await sign("u2", "2222", days(-30))).toHaveProperty("opened");
    expect(await sign("u1", "1111", days(16))).toMatchObject({ refused: "grant-over" });
    await enrolledWith([await person("u1", "1111", days(15), await createIdentity())]);
    expect(await sign("u1", "1111", days(1))).toMatchObject({ refused: "grant-over" });
  });

  it("goes on with new grants that come while it is locked, and forgets who left", async () => {
    await takeRoster(
      database,
      device,
      { people: [await person("u1", "1111", days(45))], time: at(days(16)) },
      undefined,
    );
    expect(await sign("u1", "1111", days(16))).toHaveProperty("opened");
    expect(await sign("u2", "2222", days(14))).toMatchObject({ refused: "unknown-person" });
  });

  it("keeps the grant it holds when a new one is signed with a key that it has not been told of yet", async () => {
    const rotated = await createIdentity();
    const people = [await person("u1", "1111", days(45), rotated)];
    await takeRoster(database, device, { people, time: at(Date.now()) }, undefined);
    expect(await sign("u1", "1111", days(14))).toHaveProperty("opened");
    const issuerKeys = [rotated.publicKey, issuer.publicKey];
    device = await takeRoster(database, device, { people, issuerKeys, time: at(Date.now()) }, undefined);
    expect(await sign("u1", "1111", days(44))).toHaveProperty("opened");
  });

  it("lets in who joined while it was locked with the first contact after an unlock, not before", async () => {
    const people = [await person("u1", "1111", days(45)), await person("u3", "3333", days(45))];
    const withoutPins = people.map(({ pinWrap: _pin, ...rest }) => rest);
    await takeRoster(database, device, { people: withoutPins, time: at(Date.now()) }, undefined);
    expect(await sign("u3", "3333", days(2))).toMatchObject({ refused: "unknown-person" });
    const opened = await sign("u1", "1111", days(2));
    if ("refused" in opened) throw new Error(opened.refused);
    const keys = { dataKey: opened.opened.dataKey, authenticator: undefined };
    device = await takeRoster(database, device, { people, time: at(Date.now()) }, keys);
    expect(await sign("u3", "3333", days(3))).toHaveProperty("opened");
    const stored = await database.run((rows) => rows.things.toArray());
    expect(JSON.stringify(stored)).not.toContain(people[1]!.pinWrap!.key);
  });

  it("lets in again who typed ten wrong PINs after a contact that came later, and not for one from before", async () => {
    const destroyed = (ms: number) => ({
      ...noAttempts,
      people: { u1: { wrong: 10, notBeforeMs: 0, destroyedAtMs: ms } },
    });
    const opened = await sign("u2", "2222", days(1));
    if ("refused" in opened) throw new Error(opened.refused);
    const keys = { dataKey: opened.opened.dataKey, authenticator: undefined };
    const people = [await person("u1", "1111", days(45)), await person("u2", "2222", days(45))];

    // A locked tablet's contact, and one from before, bring nobody back.
    await database.set(things.pinAttempts, destroyed(Date.now() - 1_000_000));
    const withoutPins = people.map(({ pinWrap: _pin, ...rest }) => rest);
    await takeRoster(database, device, { people: withoutPins, time: at(days(2)) }, undefined);
    expect(await sign("u1", "1111", days(2))).toMatchObject({ refused: "destroyed" });
    await database.set(things.pinAttempts, destroyed(Date.now() + 1_000_000));
    await takeRoster(database, device, { people, time: at(days(2)) }, keys);
    expect(await sign("u1", "1111", days(2))).toMatchObject({ refused: "destroyed" });

    await database.set(things.pinAttempts, destroyed(Date.now() - 1_000_000));
    await takeRoster(database, device, { people, time: at(days(2)) }, keys);
    expect(await sign("u1", "1111", days(2))).toHaveProperty("opened");
  });
});
