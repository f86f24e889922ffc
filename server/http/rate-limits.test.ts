import { randomUUID } from "node:crypto";
import Fastify from "fastify";
import { describe, expect, test } from "vitest";
import { call } from "#test/boot.ts";
import { enrolTestDevice } from "#test/devices.ts";
import { useServer } from "#test/set-up.ts";
import { issueToken } from "../identity/tokens.ts";
import { identityRoutes } from "../zones/cell/identity-routes.ts";
import { addressOf, limitRates } from "./rate-limits.ts";

const perMinute = 8;

describe("requests a minute", () => {
  const server = useServer({ settings: { HOLDFAST_REQUESTS_PER_MINUTE: String(perMinute) } });

  const heads = (token: string) =>
    call(server, { zone: "crew", path: "/sync/v1/heads", token, key: "none", body: {} }).then(({ status }) => status);
  const until429 = async (ask: () => Promise<number>): Promise<number> => {
    for (let asked = 0; asked < perMinute * 4; asked++) if ((await ask()) === 429) return asked;
    return Number.POSITIVE_INFINITY;
  };

  test("count for the device that a valid token names; made-up tokens count for their address, all together", async () => {
    const [first, second] = [await enrolTestDevice(server, "crew"), await enrolTestDevice(server, "crew")];
    expect(await until429(() => heads(first.token))).toBe(perMinute);
    // The other tablet of the station has lost nothing.
    expect(await heads(second.token)).not.toBe(429);
    let made = 0;
    // A token of another's making is a new one each time, and never a bucket of its own.
    const asked = await until429(() => heads(`${first.token.slice(0, -4)}${String(++made).padStart(4, "0")}`));
    expect(asked).toBeLessThanOrEqual(perMinute);
    expect(await heads("x.y")).toBe(429);
    expect(await heads(second.token)).not.toBe(429);
    const refused = await call(server, { zone: "crew", path: "/sync/v1/heads", token: first.token, body: {} });
    expect(refused.json()).toMatchObject({ code: "too-many-requests" });
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  });

  test("count for the person too, whichever devices they are signed in on", async () => {
    const { tokenKey } = server.cells.get("northmoor")!.keyRing;
    const signedIn = (userId: string) =>
      issueToken(tokenKey, {
        deviceId: randomUUID(),
        person: { userId, name: "Testcase", roles: ["paramedic"], strength: "passkey" },
        zone: "crew",
        siteId: undefined,
        readsUntilMs: Date.now() + 60_000,
      });
    expect(await until429(() => heads(signedIn("somebody")))).toBe(perMinute);
    expect(await heads(signedIn("somebody-else"))).not.toBe(429);
  });
});

test.each([
  ["192.0.2.7", "address 192.0.2.7"],
  ["::ffff:192.0.2.7", "address 192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "address 2001:db8:1:2::/64"],
  ["2001:db8::1", "address 2001:db8:0:0::/64"],
  ["::1", "address 0:0:0:0::/64"],
])("a network of IPv6 is one address: %s", (ip, bucket) => {
  expect(addressOf({ ip })).toBe(bucket);
});

test("a copied token that is sent from elsewhere uses up nothing of its device's own share", async () => {
  const app = Fastify();
  const caller = { deviceId: "tablet-1", userId: undefined };
  await limitRates(app, { perMinute, callerOf: () => caller, isUnmetered: () => false });
  app.post("/push", { config: { action: "push" } }, async () => ({}));
  const push = async (remoteAddress: string): Promise<number> =>
    (await app.inject({ method: "POST", url: "/push", remoteAddress })).statusCode;
  for (let sent = 0; sent <= perMinute; sent++) await push("192.0.2.7");
  expect([await push("192.0.2.7"), await push("192.0.2.8")]).toEqual([429, 200]);
});

test("guesses of codes count for the network they come from, whichever of its addresses they are sent by", async () => {
  const app = Fastify();
  await limitRates(app, { perMinute: 10_000, callerOf: () => null, isUnmetered: () => false });
  identityRoutes(app, "crew", new Map(), () => ({ statement: "", signature: "" }));
  const guess = async (remoteAddress: string): Promise<number> =>
    (await app.inject({ method: "POST", url: "/identity/v1/enrol", remoteAddress, body: {} })).statusCode;
  for (let sent = 0; sent < 2_000; sent++) expect(await guess(`2001:db8::${sent.toString(16)}`)).not.toBe(429);
  expect(await guess("2001:db8::ffff")).toBe(429);
  expect(await guess("2001:db8:0:1::1")).not.toBe(429);
});
