import { beforeAll, describe, expect, test } from "vitest";
import { grantSignInOf } from "#demo/node-session.ts";
import type { RosterPerson } from "#protocol/enrolment.ts";
import type { SignedIn } from "#protocol/sign-in.ts";
import { accessQueries } from "#server/logs/access-queries.ts";
import { bindToken, call } from "#test/boot.ts";
import { openTestDesk, type TestDesk } from "#test/desk.ts";
import { alone, controlLogOf, enrolTestDevice, signInTestPerson, type TestDevice } from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import { visitProvider } from "#test/provider-visit.ts";
import { useProvider, useServer } from "#test/set-up.ts";
import { uuid7 } from "../../../bench/workload.ts";

/** People whom the desk made, and who get a PIN or a provider's name of their own. */
const provider = useProvider();
const server = useServer(() => ({ settings: provider.settings }));
let tablet: TestDevice;
let screen: TestDevice;
let desk: TestDesk;

beforeAll(async () => {
  tablet = alone(await enrolTestDevice(server, "crew"));
  screen = alone(await enrolTestDevice(server, "care"));
  desk = await openTestDesk(server, "n-voss", ["configuration"]);
});

const cellOf = () => server.cells.get("northmoor")!;
const logOf = () => controlLogOf(server);
const add = async (userId: string, roles: string[], more: object = {}) => {
  const body = {
    userId,
    name: `Testcase ${userId}`,
    staffNumber: userId.toUpperCase(),
    roles,
    reason: "Joined",
    ...more,
  };
  expect((await desk.post("people", body)).status).toBe(200);
};
const codeFor = async (userId: string, use: string) =>
  (await desk.post(`people/${userId}/code`, { for: use, reason: "First day" })).json<{
    code: string;
    waits: boolean;
  }>();
const setPin = async (
  body: { code?: string; pin: string; again?: string },
  { token, zone } = tablet as Pick<TestDevice, "token" | "zone">,
) => {
  const answer = await call(server, { zone, token, path: "/identity/v1/pin", body: { again: body.pin, ...body } });
  return [answer.status, answer.json().code ?? answer.json().name];
};
let beats = 0;
const rosterOf = async (): Promise<RosterPerson[]> => {
  const counter = ++beats;
  const body = { protocol: 1, counter, answered: counter - 1, page: { at: 0, of: 1 }, heads: [] };
  return (await call(server, { zone: "crew", token: tablet.token, path: "/identity/v1/heartbeat", body })).json().roster
    .people;
};
const byPin = async (userId: string, pin: string) => {
  const person = (await rosterOf()).find((each) => each.userId === userId)!;
  const body = (await grantSignInOf(person, pin))!;
  return call(server, { zone: "crew", token: tablet.token, path: "/identity/v1/sign-in/grant", body });
};

describe("a PIN", () => {
  test("comes with the desk's code, once, and lets a new person in on a tablet", async () => {
    await add("p-new", ["paramedic"]);
    expect((await rosterOf()).map(({ userId }) => userId)).not.toContain("p-new");
    const { code, waits } = await codeFor("p-new", "pin");
    expect(waits).toBe(false);
    expect(await setPin({ code, pin: "830247" })).toEqual([200, "Testcase p-new"]);
    expect((await byPin("p-new", "830247")).json<SignedIn>().person).toMatchObject({
      userId: "p-new",
      strength: "pin",
    });
    expect((await byPin("p-new", "830248")).json().code).toBe("other-pin");
    expect(await setPin({ code, pin: "730164" })).toEqual([403, "code-used"]);
    const row = (await desk.get("people?find=p-new")).json().rows[0];
    expect(row).toMatchObject({ hasPin: true, passkeys: 0, hasProvider: false });
    const history = await desk.get("people/p-new/history");
    expect(history.json().lines[0]).toMatchObject({ by: "Testcase p-new", fields: [{ field: "pin", after: "set" }] });
    const { state } = (await logOf().find("pin", "p-new"))!;
    for (const secret of [state.proof, state.wrap, state.salt, "830247"]) expect(history.text).not.toContain(secret);
  });

  test("is not one that others would try first, nor two different ones, and such a refusal leaves the code good", async () => {
    await add("p-common", ["technician"]);
    const { code } = await codeFor("p-common", "pin");
    expect(await setPin({ code, pin: "1234" })).toEqual([400, "common-pin"]);
    expect(await setPin({ code, pin: "8302", again: "8303" })).toEqual([400, "pins-differ"]);
    for (const pin of ["830", "830247119", "83a2"]) expect((await setPin({ code, pin }))[0]).toBe(400);
    expect(await setPin({ code, pin: "8302" })).toEqual([200, "Testcase p-common"]);
  });

  test("is set by nobody without a code, nor with one for something else, nor by a PIN's own session", async () => {
    await add("p-other", ["paramedic"]);
    expect(await setPin({ pin: "8302" })).toEqual([403, "person-needed"]);
    const passkey = await codeFor("p-other", "passkey");
    expect(await setPin({ code: passkey.code, pin: "8302" })).toEqual([403, "unknown-code"]);
    const signedIn = await signInTestPerson(server, tablet, { userId: "n-okafor", strength: "pin" });
    expect(await setPin({ pin: "8302" }, signedIn)).toEqual([403, "person-needed"]);
    // Nor is it sent for a step-up, which would not help it.
    const old = await signedInAs("n-okafor", tablet, Date.now() - 6 * 60_000);
    expect(await setPin({ pin: "8302" }, old)).toEqual([403, "person-needed"]);
    expect(await logOf().find("pin", "n-okafor")).toBeUndefined();
  });

  test("is set by who showed both factors just now, and then forgives wrong ones; later it asks for them again", async () => {
    const own = await openTestDesk(server, "n-haddad", ["paramedic"]);
    const wrong = "INSERT INTO pin_try VALUES ('n-haddad', gen_random_uuid(), 10, '', now())";
    await sql(cellOf().databaseUrl("owner"), wrong);
    const { token } = await signedInAs("n-haddad", own.device);
    expect(await setPin({ pin: "730164" }, { token, zone: "control" })).toEqual([200, "Leila Haddad"]);
    const left = await sql(cellOf().databaseUrl("owner"), "SELECT FROM pin_try WHERE user_id = 'n-haddad'");
    expect(left).toHaveLength(0);
    expect((await byPin("n-haddad", "730164")).status).toBe(200);
    // What the trust was set up with is no PIN any more.
    expect((await byPin("n-haddad", "3333")).json().code).toBe("other-pin");
    const old = await signedInAs("n-haddad", own.device, Date.now() - 6 * 60_000);
    expect(await setPin({ pin: "240613" }, { token: old.token, zone: "control" })).toEqual([403, "step-up-needed"]);
  });

  test("is nobody's who works with no tablet, and waits for a second person where it is a desk role's", async () => {
    const nurse = await codeFor("s-nowak", "pin");
    expect(await setPin({ code: nurse.code, pin: "8302" })).toEqual([403, "no-tablets"]);
    const officer = await codeFor("n-kerr", "pin");
    expect([officer.waits, await setPin({ code: officer.code, pin: "8302" })]).toEqual([true, [403, "code-waits"]]);
  });

  test("is set on a locked tablet too, which is told nothing of it, and on none that is revoked", async () => {
    await add("p-locked", ["student"]);
    const { code } = await codeFor("p-locked", "pin");
    const token = tablet.enrolment.pushToken!;
    bindToken({ ...tablet, token });
    const lost = alone(await enrolTestDevice(server, "crew"));
    await cellOf().devices.setState(lost.deviceId, "suspended", {}, "Test");
    const lockedAndLost = { ...lost, token: lost.enrolment.pushToken! };
    bindToken(lockedAndLost);
    expect((await setPin({ code, pin: "8302" }, lockedAndLost))[1]).toBe("device-suspended");
    expect(await setPin({ code, pin: "8302" }, { token, zone: "crew" })).toEqual([200, "Testcase p-locked"]);
    bindToken(tablet);
    expect((await byPin("p-locked", "8302")).status).toBe(200);
  });

  test("makes its person one whom a tablet may name as who used it, before any session there", async () => {
    await add("p-offline", ["paramedic"]);
    const nameOf = async (): Promise<string | undefined> => {
      const recordId = uuid7();
      const person = { userId: "p-offline", name: "Somebody", role: "Paramedic", signIn: "pin" };
      const accesses = [{ id: uuid7(), recordId, at: new Date().toISOString(), person }];
      const body = { protocol: 1, accesses };
      const told = await call(server, { zone: "crew", token: tablet.token, path: "/sync/v1/accesses", body });
      expect(told.status).toBe(200);
      const [line] = (await accessQueries(cellOf().pools.control, cellOf().keyRing).ofRecord(recordId)).lines;
      return line!.person?.name ?? line!.detail;
    };
    expect(await nameOf()).toBe("unproven p-offline");
    const { code } = await codeFor("p-offline", "pin");
    expect(await setPin({ code, pin: "8302" })).toEqual([200, "Testcase p-offline"]);
    expect(await nameOf()).toBe("Testcase p-offline");
  });

  test("and its digits are in no line of any log", async () => {
    const log = logOf();
    const people = (await log.all("pin")).map(({ id }) => id);
    const lines = await Promise.all(people.map((id) => log.history("pin", id)));
    const codes = await log.all("enrolment-code");
    expect(lines.flat().length).toBeGreaterThan(2);
    expect(JSON.stringify([lines, codes])).not.toContain("830247");
  });
});

const signedInAs = async (userId: string, device: TestDevice, authenticatedMs = Date.now()): Promise<TestDevice> => {
  const signedIn = await signInTestPerson(server, device, { userId, name: userId, roles: ["paramedic"] });
  if (authenticatedMs > Date.now() - 1_000) return signedIn;
  const { issueToken } = await import("#server/identity/tokens.ts");
  const principal = cellOf().identity.authenticate(signedIn.token)!;
  const { keyRing } = cellOf();
  const { person, sessionId, keyThumbprint, readsUntilMs, deviceId, zone, siteId } = principal;
  const token = issueToken(keyRing.tokenKey, {
    deviceId,
    zone,
    siteId,
    ...(keyThumbprint !== undefined && { keyThumbprint }),
    ...(sessionId !== undefined && { sessionId }),
    ...(person && { person }),
    readsUntilMs,
    authenticatedMs,
  });
  bindToken({ ...signedIn, token });
  return { ...signedIn, token };
};

describe("the provider's name for a person", () => {
  const headers = () => ({ origin: new URL(server.addresses.hospital).origin });
  const post = (path: string, body: object) =>
    call(server, {
      zone: "care",
      token: screen.token,
      path: `/identity/v1/sign-in/provider/${path}`,
      body,
      headers: headers(),
    });
  /** Whoever `sub` is there, back with the provider's answer. */
  const signIn = async (sub: string, code?: string) => {
    const started = await post("start", { again: false, ...(code !== undefined && { code }) });
    if (started.status !== 200) return started;
    const { url } = started.json<{ url: string }>();
    if (code !== undefined) expect(new URL(url).searchParams.get("prompt")).toBe("login");
    return post("finish", { query: await visitProvider(url, sub) });
  };
  const outcome = async (answer: ReturnType<typeof signIn>) => {
    const { status, json } = await answer;
    return [status, json().code ?? json().person.userId];
  };

  test("is linked at the first sign-in with the desk's code, once, and signs in from then on", async () => {
    await add("p-nurse", ["hospital-nurse"], { siteId: "southgate-ed" });
    expect(await outcome(signIn("w-larsen"))).toEqual([403, "unknown-person"]);
    const { code } = await codeFor("p-nurse", "provider");
    expect(await outcome(signIn("w-larsen", code))).toEqual([200, "p-nurse"]);
    expect(await outcome(signIn("w-larsen"))).toEqual([200, "p-nurse"]);
    expect(await outcome(signIn("w-mistry", code))).toEqual([403, "code-used"]);
    expect((await desk.get("people?find=p-nurse")).json().rows[0]).toMatchObject({ hasProvider: true });
  });

  test("is nobody's who is somebody else there already, and the code stays good", async () => {
    await add("p-twice", ["hospital-nurse"], { siteId: "southgate-ed" });
    const { code } = await codeFor("p-twice", "provider");
    expect(await outcome(signIn("s-nowak", code))).toEqual([403, "linked-elsewhere"]);
    expect(await outcome(signIn("s-nowak"))).toEqual([200, "s-nowak"]);
    expect(await outcome(signIn("w-mistry", code))).toEqual([200, "p-twice"]);
    const again = await codeFor("p-twice", "provider");
    expect(await outcome(signIn("w-doyle", again.code))).toEqual([200, "p-twice"]);
    // The earlier one has ended.
    expect(await outcome(signIn("w-mistry"))).toEqual([403, "unknown-person"]);
  });

  test("is not linked with a code for something else, at another site, or before a second person agreed", async () => {
    await add("p-far", ["hospital-nurse"], { siteId: "harbour-ed" });
    expect(await outcome(signIn("w-reid", (await codeFor("p-far", "pin")).code))).toEqual([403, "unknown-code"]);
    expect(await outcome(signIn("w-reid", (await codeFor("p-far", "provider")).code))).toEqual([403, "other-site"]);
    expect(await outcome(signIn("w-reid", (await codeFor("n-kerr", "provider")).code))).toEqual([403, "code-waits"]);
    expect(await outcome(signIn("w-reid"))).toEqual([403, "unknown-person"]);
  });

  test("of two people lets neither in", async () => {
    const log = logOf();
    const link = (await log.find("provider-link", "p-nurse"))!.state;
    await log.append([{ kind: "provider-link", id: "p-common", state: link, by: {} }]);
    await expect.poll(() => outcome(signIn("w-larsen"))).toEqual([403, "unknown-person"]);
  });
});
