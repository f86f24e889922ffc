import { pbkdf2Sync } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { grantSignInOf } from "#demo/node-session.ts";
import type { GrantStatement, SignedStatement } from "#protocol/grants.ts";
import type { SignedIn } from "#protocol/sign-in.ts";
import { pinProofOf } from "#server/identity/pin-keys.ts";
import type { PinSubject } from "#server/identity/subjects.ts";
import { bindToken, call } from "#test/boot.ts";
import {
  alone,
  controlLogOf,
  enrolTestDevice,
  incident,
  push,
  runOf,
  type TestDevice,
  testChain,
} from "#test/devices.ts";
import { useServer } from "#test/set-up.ts";

describe("a grant presented to the base", () => {
  const server = useServer();
  let tablet: TestDevice;
  beforeAll(async () => {
    tablet = alone(await enrolTestDevice(server, "crew"));
  });

  const grantOf = ({ enrolment }: TestDevice, userId = "n-okafor"): SignedStatement =>
    enrolment.people.find((person) => person.userId === userId)!.grant!;
  const send = (body: object, { trust, token }: Pick<TestDevice, "trust" | "token"> = tablet) =>
    call(server, { zone: "crew", trust, path: "/identity/v1/sign-in/grant", token, body });
  /** `pin`: what was typed for the grant's person. */
  const present = async (grant: SignedStatement, device = tablet, token = device.token, pin = "1111") => {
    const { userId } = JSON.parse(grant.statement);
    const person = device.enrolment.people.find((each) => each.userId === userId) ?? device.enrolment.people[0]!;
    return send((await grantSignInOf({ ...person, grant }, pin))!, { ...device, token });
  };
  const logOf = () => controlLogOf(server);
  /** The tablet's own grant with something changed, signed by a trust's issuer. */
  const signed = (more: Partial<GrantStatement>, trust = "northmoor"): SignedStatement =>
    server.cells.get(trust)!.issuer.sign({ ...JSON.parse(grantOf(tablet).statement), ...more });

  test("gives its person a session, which reads what the device alone may not", async () => {
    const chain = testChain();
    await push(server, tablet, await runOf(tablet, chain, incident));
    const pullAs = (token: string) =>
      call(server, {
        zone: "crew",
        path: "/sync/v1/pull",
        token,
        body: { protocol: 1, records: { [chain.recordId]: { epoch: 0, position: 0 } } },
      });
    expect((await pullAs(tablet.token)).json().code).toBe("person-needed");
    const answer = await present(grantOf(tablet));
    expect(answer.status).toBe(200);
    const { accessToken, person } = answer.json<SignedIn>();
    expect(person).toMatchObject({ userId: "n-okafor", roles: ["paramedic"], strength: "pin" });
    bindToken({ ...tablet, token: accessToken });
    expect((await pullAs(accessToken)).json().records[chain.recordId].lines).toHaveLength(1);
  });

  test("of a crewmate lets nobody in by one's own PIN, nor by one that was changed at the base", async () => {
    const bright = grantOf(tablet, "n-bright");
    const byOwn = await present(bright);
    expect([byOwn.status, byOwn.json().code]).toEqual([403, "other-pin"]);
    expect((await present(bright, tablet, tablet.token, "2222")).status).toBe(200);
    // A proof goes with its grant: tomorrow's needs the PIN again.
    const okafor = tablet.enrolment.people.find(({ userId }) => userId === "n-okafor")!;
    const { pinProof } = (await grantSignInOf({ ...okafor, grant: bright }, "1111"))!;
    const moved = await send({ grant: signed({}), pinProof, strength: "pin" });
    expect([moved.status, moved.json().code]).toEqual([403, "other-pin"]);
    expect((await present(grantOf(tablet))).status).toBe(200);
  });

  test("with what tablets are told of a PIN lets nobody in, where one key for both uses would", async () => {
    const device = alone(await enrolTestDevice(server, "crew"));
    const byRoster = () => {
      const { grant, pinWrap } = device.enrolment.people.find(({ userId }) => userId === "n-haddad")!;
      const pinProof = pinProofOf(pinWrap!.key, grant!).toString("base64url");
      return send({ grant, pinProof, strength: "pin" }, device);
    };
    const refused = await byRoster();
    expect([refused.status, refused.json().code]).toEqual([403, "other-pin"]);
    // As it was before: the base takes for a proof what it tells every tablet.
    const log = logOf();
    const { state, position } = (await log.find("person", "n-haddad"))!;
    const pin = state.pin as PinSubject;
    const as = (now: object) => log.append([{ kind: "person", id: "n-haddad", state: { ...state, pin: now }, by: {} }]);
    expect(position).toBeGreaterThan(0);
    await as({ ...pin, proof: pin.wrap });
    expect((await byRoster()).status).toBe(200);
    await as(pin);
  });

  test("goes by a line of the log from before there were two keys of a PIN", async () => {
    const log = logOf();
    const { state } = (await log.find("person", "n-lund"))!;
    const { salt, rounds } = state.pin as PinSubject;
    const key = pbkdf2Sync("7777", Buffer.from(salt, "base64url"), rounds, 32, "sha256").toString("base64url");
    await log.append([{ kind: "person", id: "n-lund", state: { ...state, pin: { salt, rounds, key } }, by: {} }]);
    const device = alone(await enrolTestDevice(server, "crew"));
    const { pinWrap } = device.enrolment.people.find(({ userId }) => userId === "n-lund")!;
    expect(pinWrap).toEqual({ salt, rounds, key: (state.pin as PinSubject).wrap });
    expect((await present(grantOf(device, "n-lund"), device, device.token, "7777")).status).toBe(200);
  });

  test("makes no passkey, which would count everywhere, of a PIN that counts on its tablet", async () => {
    const { accessToken: token } = (await present(grantOf(tablet))).json<SignedIn>();
    bindToken({ ...tablet, token });
    const started = await call(server, { zone: "crew", path: "/identity/v1/passkeys/start", token, body: {} });
    expect([started.status, started.json().code]).toEqual([403, "person-needed"]);
  });

  const elsewhere = "00000000-0000-7000-8000-000000000001";
  test.each<[what: string, grant: () => SignedStatement]>([
    ["of another tablet", () => signed({ deviceId: elsewhere })],
    ["that has run out", () => signed({ notAfter: new Date(Date.now() - 1_000).toISOString() })],
    ["of another trust's key", () => signed({}, "westvale")],
    ["that names another trust", () => signed({ trust: "westvale" })],
    ["that was changed", () => ({ ...grantOf(tablet), statement: grantOf(tablet, "n-bright").statement })],
    ["that is a certificate", () => server.cells.get("northmoor")!.issuer.sign({ type: "certificate" })],
  ])("%s lets nobody in", async (_what, grant) => {
    const answer = await present(grant());
    expect([answer.status, answer.json().code]).toEqual([403, "bad-grant"]);
  });

  test("of somebody who has left the trust lets nobody in, however long it would still run", async () => {
    const log = logOf();
    const { state } = (await log.find("person", "n-novak"))!;
    const endsAt = new Date(Date.now() - 1_000).toISOString();
    await log.append([{ kind: "person", id: "n-novak", state: { ...state, endsAt }, by: {} }]);
    const answer = await present(grantOf(tablet, "n-novak"));
    expect([answer.status, answer.json().code]).toEqual([403, "unknown-person"]);
  });

  test("comes to nothing with the token of a locked tablet, which lies open on it", async () => {
    const token = tablet.enrolment.pushToken!;
    bindToken({ ...tablet, token });
    expect((await present(grantOf(tablet), tablet, token)).status).toBe(401);
  });
});
