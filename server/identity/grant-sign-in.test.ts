import { beforeAll, describe, expect, test } from "vitest";
import { pinProofBy } from "#demo/node-session.ts";
import type { GrantStatement, SignedStatement } from "#protocol/grants.ts";
import type { SignedIn } from "#protocol/sign-in.ts";
import { createControlLog } from "#server/logs/control-log.ts";
import { bindToken, call } from "#test/boot.ts";
import { alone, enrolTestDevice, incident, push, runOf, type TestDevice, testChain } from "#test/devices.ts";
import { useServer } from "#test/set-up.ts";

describe("a grant presented to the base", () => {
  const server = useServer();
  let tablet: TestDevice;
  beforeAll(async () => {
    tablet = alone(await enrolTestDevice(server, "crew"));
  });

  const grantOf = ({ enrolment }: TestDevice, userId = "n-okafor"): SignedStatement =>
    enrolment.people.find((person) => person.userId === userId)!.grant!;
  const pinOf = (userId: string): string =>
    tablet.enrolment.people.find((person) => person.userId === userId)!.pin!.key;
  const present = (grant: SignedStatement, device = tablet, token = device.token, pin = pinOf("n-okafor")) =>
    call(server, {
      zone: "crew",
      trust: device.trust,
      path: "/identity/v1/sign-in/grant",
      token,
      body: { grant, pinProof: pinProofBy(pin, grant), strength: "pin" },
    });
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
    expect((await present(bright, tablet, tablet.token, pinOf("n-bright"))).status).toBe(200);
    // A proof goes with its grant: tomorrow's needs the PIN again.
    const body = {
      grant: signed({}),
      pinProof: pinProofBy(pinOf("n-okafor"), grantOf(tablet, "n-bright")),
      strength: "pin",
    };
    const moved = await call(server, { zone: "crew", path: "/identity/v1/sign-in/grant", token: tablet.token, body });
    expect([moved.status, moved.json().code]).toEqual([403, "other-pin"]);
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
    const { pools, keyRing } = server.cells.get("northmoor")!;
    const log = createControlLog(pools.control, keyRing, "append_control");
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
