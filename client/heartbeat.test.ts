import "fake-indexeddb/auto";
import { createPublicKey, generateKeyPairSync, verify } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { HeartbeatRequest, HeartbeatResponse } from "#protocol/heartbeat.ts";
import { headStatement } from "#protocol/push.ts";
import { protocolVersion } from "#protocol/version.ts";
import { takeAnswer } from "./contact.ts";
import { Database, type EntryRow } from "./database.ts";
import type { StoredDevice } from "./enrolment.ts";
import { beat, type HeartbeatParts } from "./heartbeat.ts";
import { createIdentity, createScreenKey, type DeviceIdentity } from "./keys.ts";
import { browserRandom } from "./ports.ts";
import { sealText } from "./sealing.ts";
import { onlyServer } from "./servers.ts";
import { countAtDesk } from "./store.ts";
import { things } from "./things.ts";

const server = {
  protocol: protocolVersion,
  trust: "northmoor",
  epoch: 1,
  incarnation: "00000000-0000-7000-8000-000000000001",
  time: "2026-11-23T10:00:00.000Z",
};
const sent: HeartbeatRequest[] = [];
let answer: Partial<HeartbeatResponse> | "lost" = {};

let database: Database;
let identity: DeviceIdentity;
let parts: HeartbeatParts;
let waits = 0;
beforeEach(async () => {
  sent.length = 0;
  answer = {};
  waits = 0;
  database = new Database(browserRandom.uuid());
  identity = await createIdentity();
  parts = {
    database,
    identity,
    endpoint: { servers: onlyServer("http://crew.northmoor.localhost") },
    certificate: () => undefined,
    onAnswer: async () => {},
    onWaiting: () => {
      waits += 1;
    },
  };
  vi.stubGlobal("fetch", async (_url: URL, { body }: RequestInit) => {
    sent.push(JSON.parse(String(body)));
    if (answer === "lost") throw new TypeError("The connection broke.");
    return Response.json({ server, state: "active", need: [], atDesk: 0, ...answer });
  });
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await database.close();
});

const recordId = browserRandom.uuid();
const row = (n: number, at: EntryRow["at"], more: Partial<EntryRow> = {}): EntryRow => ({
  id: browserRandom.uuid(),
  recordId,
  deviceId: identity.deviceId,
  n,
  hash: n.toString(16).padStart(64, "0"),
  lane: "P0",
  at,
  textBytes: 1,
  text: new Uint8Array(1),
  ...more,
});
const hold = (...rows: EntryRow[]) => database.write(["entries"], ({ entries }) => entries.bulkAdd(rows));
const statesOf = async () =>
  (await database.run(({ entries }) => entries.orderBy("[deviceId+recordId+n]").toArray())).map(
    ({ n, at }) => `${n} ${at}`,
  );

describe("a heartbeat", () => {
  it("carries the last entry of each chain, its own signed anew, another's with the signature that came with it", async () => {
    const other = browserRandom.uuid();
    const theirs = { deviceId: other, signature: "as-it-came" };
    await hold(
      row(1, "acknowledged"),
      row(2, "waiting"),
      row(1, "foreign", theirs),
      row(2, "foreign", { deviceId: other }),
    );
    await hold(row(1, "acknowledged", { recordId: browserRandom.uuid() }));
    await beat(parts);
    const { heads } = sent[0]!;
    expect(heads).toHaveLength(3);
    const own = heads.find((head) => head.recordId === recordId && head.deviceId === identity.deviceId)!;
    expect(own.n).toBe(2);
    const key = {
      key: createPublicKey({ key: identity.publicKey, format: "jwk" }),
      dsaEncoding: "ieee-p1363",
    } as const;
    const signature = Buffer.from(own.signature!, "base64url");
    expect(verify("sha256", Buffer.from(headStatement(own)), key, signature)).toBe(true);
    expect(heads.find(({ deviceId }) => deviceId === other)).toMatchObject({ n: 2 });
  });

  it("never sends a counter twice, and says which was answered last", async () => {
    await beat(parts);
    answer = "lost";
    await expect(beat(parts)).rejects.toThrow();
    await expect(beat(parts)).rejects.toThrow();
    answer = {};
    // The page is opened anew: what was sent stands on the disk.
    await beat({ ...parts, database: new Database(database.name) });
    expect(sent.map(({ counter, answered }) => [counter, answered])).toEqual([
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 1],
    ]);
  });

  it("gives two at once, as around an unlock, a counter each, and none of them goes back", async () => {
    await Promise.all([beat(parts), beat(parts), beat(parts)]);
    await beat(parts);
    expect(sent.map(({ counter }) => counter).sort()).toEqual([1, 2, 3, 4]);
  });

  it("makes own entries that the base lacks wait again, and no others", async () => {
    await hold(
      row(1, "acknowledged"),
      row(2, "acknowledged"),
      row(3, "acknowledged"),
      row(4, "quarantined", { code: "id-reused" }),
    );
    answer = { need: [{ deviceId: identity.deviceId, recordId, from: 2, to: 4 }] };
    await beat(parts);
    expect(await statesOf()).toEqual(["1 acknowledged", "2 waiting", "3 waiting", "4 quarantined"]);
    expect(waits).toBe(1);
  });

  it("leaves with the desk what waits there, and offers it again once the base would take it", async () => {
    await hold(row(1, "quarantined", { code: "revoked-device" }), row(2, "quarantined", { code: "id-reused" }));
    answer = { state: "lost", atDesk: 1 };
    await beat(parts);
    expect([await countAtDesk(database), waits]).toEqual([1, 0]);
    // Released, while the device is still lost.
    answer = { state: "lost", atDesk: 0 };
    await beat(parts);
    expect(await statesOf()).toEqual(["1 waiting", "2 quarantined"]);
    expect([await countAtDesk(database), waits]).toEqual([0, 1]);
  });
});

describe("a renewal", () => {
  const issuer = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = issuer.publicKey.export({ format: "jwk" }) as { x: string; y: string };
  const issuerKey = { kty: "EC", crv: "P-256", x: jwk.x, y: jwk.y } as const;
  const renewedFor = async (of: DeviceIdentity): Promise<HeartbeatResponse> => {
    const { sign, createHash } = await import("node:crypto");
    const { x, y } = of.publicKey;
    const keyThumbprint = createHash("sha256")
      .update(JSON.stringify({ crv: "P-256", kty: "EC", x, y }))
      .digest("base64url");
    const statement = JSON.stringify({
      type: "certificate",
      trust: "northmoor",
      deviceId: identity.deviceId,
      keyThumbprint,
      zone: "crew",
      issuedAt: server.time,
      readsUntil: "2026-12-23T10:00:00.000Z",
    });
    const key = { key: issuer.privateKey, dsaEncoding: "ieee-p1363" } as const;
    const signature = sign("sha256", Buffer.from(statement), key).toString("base64url");
    const renewed = { certificate: { statement, signature }, token: "the-next", issuerKeys: [issuerKey] };
    return { server, state: "active", need: [], atDesk: 0, renewed };
  };
  const taken = async (given: HeartbeatResponse) => {
    const dataKey = await createScreenKey();
    const enrolment = { issuerKeys: [issuerKey] } as unknown as StoredDevice["enrolment"];
    const device: StoredDevice = { enrolment, identity, screenKey: dataKey, authenticator: null };
    await database.set(things.token, await sealText(dataKey, things.token, "the-first"));
    return takeAnswer(database, device, given, { dataKey, authenticator: undefined });
  };

  it("is taken with its token, however wrong the device's clock is", async () => {
    vi.setSystemTime("2035-01-01T00:00:00.000Z");
    const { token, device } = await taken(await renewedFor(identity));
    vi.useRealTimers();
    expect(token).toBe("the-next");
    expect(device.enrolment.certificate).toBeDefined();
  });

  it("over another device's key is not", async () => {
    const { token, device } = await taken(await renewedFor(await createIdentity()));
    expect(token).toBeUndefined();
    expect(device.enrolment.certificate).toBeUndefined();
  });
});
