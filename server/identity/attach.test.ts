import { beforeAll, describe, expect, test } from "vitest";
import { grantSignInOf } from "#demo/node-session.ts";
import type { AttachResponse } from "#protocol/attach.ts";
import type { Certificate } from "#protocol/certificate.ts";
import type { SignedStatement } from "#protocol/grants.ts";
import type { HeartbeatResponse } from "#protocol/heartbeat.ts";
import { demonstrationPeople } from "#server/identity/demonstration-roster.ts";
import { bindToken, call } from "#test/boot.ts";
import { alone, enrolTestDevice, incident, push, runOf, type TestDevice, testChain } from "#test/devices.ts";
import { useServer } from "#test/set-up.ts";
import { newDevice } from "../../bench/workload.ts";

const server = useServer();
let tablet: TestDevice;
let screen: TestDevice;
beforeAll(async () => {
  tablet = alone(await enrolTestDevice(server, "crew"));
  screen = alone(await enrolTestDevice(server, "care"));
});

const pins = demonstrationPeople("northmoor");
/** As after typing the PIN of the first on the roster, or a crewmate's. */
const signInOf = ({ enrolment }: TestDevice, pinOf = 0) => {
  const typed = pins.find(({ userId }) => userId === enrolment.people[pinOf]!.userId)!;
  return grantSignInOf(enrolment.people[0]!, typed.pin);
};
const attach = (device: TestDevice, more: object = {}, to: { zone?: TestDevice["zone"]; key?: TestDevice } = {}) => {
  const key = to.key ?? device;
  return call(server, {
    zone: to.zone ?? device.zone,
    trust: device.trust,
    path: "/identity/v1/attach",
    body: { protocol: 1, certificate: device.enrolment.certificate, ...more },
    key: { privateKey: key.privateKey, publicKey: key.publicKey },
  });
};
/** As the trust's issuer would have signed it. */
const signed = (device: TestDevice, more: Partial<Certificate>, trust = "northmoor"): SignedStatement =>
  server.cells.get(trust)!.issuer.sign({ ...JSON.parse(device.enrolment.certificate!.statement), ...more });

describe("a device that this server did not give its tokens", () => {
  test("is given others for its certificate and its key: a screen at once, a tablet where a PIN was typed", async () => {
    const ofScreen = (await attach(screen)).json<AttachResponse>();
    bindToken({ ...screen, token: ofScreen.token! });
    const board = await call(server, { zone: "care", path: "/arrivals/v1", token: ofScreen.token! });
    expect([board.status, ofScreen.pushToken]).toEqual([200, undefined]);
    const ofTablet = (await attach(tablet, { signIn: await signInOf(tablet) })).json<AttachResponse>();
    bindToken({ ...tablet, token: ofTablet.token! });
    const beat = await call(server, {
      zone: "crew",
      path: "/identity/v1/sign-in/grant",
      token: ofTablet.token!,
      body: await signInOf(tablet),
    });
    expect(beat.status).toBe(200);
  });

  test("locked, pushes and reads nothing: a copied profile of a locked tablet learns no PIN's result", async () => {
    const { token, pushToken } = (await attach(tablet)).json<AttachResponse>();
    expect(token).toBeUndefined();
    const locked = { ...tablet, token: pushToken! };
    bindToken(locked);
    const { answers } = await push(server, locked, await runOf(tablet, testChain(), incident));
    expect(answers[0]!.answer).toBe("accepted");
    const { certificate } = tablet.enrolment;
    const beatWith = (token: string, counter: number) => {
      const body = { protocol: 1, counter, answered: counter - 1, certificate, page: { at: 0, of: 1 }, heads: [] };
      return call(server, { zone: "crew", path: "/identity/v1/heartbeat", token, body });
    };
    const beat = await beatWith(pushToken!, 1);
    expect(beat.status).toBe(200);
    const { roster } = beat.json<HeartbeatResponse>();
    expect(roster!.people.length).toBeGreaterThan(0);
    expect(beat.text).not.toContain('"pinWrap"');
    // Control: where a PIN was typed the same heartbeat brings them.
    const { token: reads } = (await attach(tablet, { signIn: await signInOf(tablet) })).json<AttachResponse>();
    bindToken({ ...tablet, token: reads! });
    expect((await beatWith(reads!, 2)).text).toContain('"pinWrap"');
  });

  test.each<[string, () => Promise<{ status: number; json(): Record<string, unknown> }>, [number, string]]>([
    ["with another's key", () => attach(tablet, {}, { key: { ...tablet, ...newDevice() } }), [401, "bad-certificate"]],
    ["in another zone", () => attach(tablet, {}, { zone: "care" }), [401, "bad-certificate"]],
    [
      "with another trust's statement",
      () => attach(tablet, { certificate: signed(tablet, {}, "westvale") }),
      [401, "bad-certificate"],
    ],
    [
      "with a statement that names another trust",
      () => attach(tablet, { certificate: signed(tablet, { trust: "westvale" }) }),
      [401, "bad-certificate"],
    ],
    [
      "with a grant in the certificate's place",
      () => attach(tablet, { certificate: tablet.enrolment.people[0]!.grant }),
      [401, "bad-certificate"],
    ],
    [
      "that was never enrolled",
      () => attach(tablet, { certificate: signed(tablet, { deviceId: "00000000-0000-7000-8000-000000000001" }) }),
      [401, "unknown-device"],
    ],
    ["with a crewmate's PIN", async () => attach(tablet, { signIn: await signInOf(tablet, 1) }), [403, "other-pin"]],
  ])("%s is given nothing", async (_what, ask, told) => {
    const answer = await ask();
    expect([answer.status, answer.json().code]).toEqual(told);
    expect(answer.json()).not.toHaveProperty("pushToken");
  });

  test("whose certificate has run out, or that was revoked, pushes and reads no more", async () => {
    const past = signed(screen, { readsUntil: new Date(Date.now() - 1_000).toISOString() });
    expect((await attach(screen, { certificate: past })).json()).not.toHaveProperty("token");
    const lost = alone(await enrolTestDevice(server, "crew"));
    const { devices } = server.cells.get("northmoor")!;
    await devices.setState(lost.deviceId, "suspended", {}, "Test");
    const answer = (await attach(lost, { signIn: await signInOf(lost) })).json<AttachResponse>();
    expect([answer.token, typeof answer.pushToken]).toEqual([undefined, "string"]);
  });
});
