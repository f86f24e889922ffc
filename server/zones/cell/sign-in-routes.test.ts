import { beforeAll, describe, expect, test } from "vitest";
import type { SignedIn } from "#protocol/sign-in.ts";
import { breakGlassCodes } from "#server/identity/demonstration-roster.ts";
import { personCodeId } from "#server/identity/person-codes.ts";
import { sealAccounts } from "#server/identity/seal-accounts.ts";
import { createControlLog } from "#server/logs/control-log.ts";
import { softAuthenticator } from "#test/authenticator.ts";
import { bindToken, call } from "#test/boot.ts";
import { alone, controlLogOf, enrolTestDevice, type TestDevice } from "#test/devices.ts";
import { visitProvider } from "#test/provider-visit.ts";
import { useProvider, useServer } from "#test/set-up.ts";

const provider = useProvider();
const server = useServer(() => ({ settings: provider.settings }));
let screen: TestDevice;
let origin: string;

beforeAll(async () => {
  screen = alone(await enrolTestDevice(server, "care"));
  origin = new URL(server.addresses.hospital).origin;
});

const post = (path: string, body: object = {}, token = screen.token) =>
  call(server, { zone: "care", path: `/identity/v1/${path}`, body, token, headers: { origin } });
/** The code of the problem that a refusal carries. */
const refusal = async (answer: ReturnType<typeof call>) => {
  const { status, json } = await answer;
  return [status, json().code];
};
const controlLog = () => controlLogOf(server);
const asSignedIn = (answer: { json(): unknown }): SignedIn => {
  const signedIn = answer.json() as SignedIn;
  bindToken({ ...screen, token: signedIn.accessToken });
  return signedIn;
};
const providerSignIn = async (userId: string, token = screen.token) => {
  const { url } = (await post("sign-in/provider/start", {}, token)).json<{ url: string }>();
  return post("sign-in/provider/finish", { query: await visitProvider(url, userId) }, token);
};
const challenge = async (): Promise<string> => (await post("sign-in/challenge")).json().challenge;

/** A nurse with a passkey, made after a sign-in with the provider. `counter`: 0 for one that counts nothing. */
const nurseWithPasskey = async (counter?: 0) => {
  const { accessToken } = asSignedIn(await providerSignIn("s-nowak"));
  const authenticator = softAuthenticator();
  const started = (await post("passkeys/start", {}, accessToken)).json();
  const response = authenticator.create({
    origin,
    challenges: [started.challenge],
    ...(counter !== undefined && { counter }),
  });
  const made = await post("passkeys", { challenges: [started.challenge], name: "Key", response }, accessToken);
  expect([made.status, made.text]).toEqual([200, JSON.stringify({ credentialId: authenticator.id })]);
  return authenticator;
};

describe("the trust's provider", () => {
  test("lets a nurse in with two factors, once per answer", async () => {
    expect((await call(server, { zone: "care", path: "/identity/v1/sign-in", token: screen.token })).json()).toEqual({
      demonstration: true,
      provider: { name: "Demonstration provider" },
    });
    const { url } = (await post("sign-in/provider/start")).json<{ url: string }>();
    const query = await visitProvider(url, "s-nowak");
    const answer = await post("sign-in/provider/finish", { query });
    expect(answer.status).toBe(200);
    expect(asSignedIn(answer).person).toEqual({
      userId: "s-nowak",
      name: "Zofia Nowak",
      roles: ["hospital-nurse"],
      strength: "provider",
    });
    expect(await refusal(post("sign-in/provider/finish", { query }))).toEqual([400, "sign-in-lapsed"]);
  });

  test("an answer that was asked for on another device is refused", async () => {
    const { url } = (await post("sign-in/provider/start")).json<{ url: string }>();
    const query = await visitProvider(url, "s-nowak");
    const other = alone(await enrolTestDevice(server, "care"));
    expect(await refusal(post("sign-in/provider/finish", { query }, other.token))).toEqual([400, "sign-in-lapsed"]);
  });

  test("somebody of another department is told so", async () => {
    expect(await refusal(providerSignIn("h-quinn"))).toEqual([403, "other-site"]);
  });

  test("at the desk, where sign-in counts as step-up, everybody is asked again whatever the page says", async () => {
    const { token } = alone(await enrolTestDevice(server, "control", "DEMO-DESK-1"));
    const headers = { origin: new URL(server.addresses.control).origin };
    const path = "/identity/v1/sign-in/provider/start";
    const started = await call(server, { zone: "control", path, body: { again: false }, token, headers });
    expect(new URL(started.json<{ url: string }>().url).searchParams.get("prompt")).toBe("login");
  });

  test("from a page that is none of ours nobody is sent there", async () => {
    const elsewhere = { origin: "http://elsewhere.localhost" };
    const path = "/identity/v1/sign-in/provider/start";
    const asked = call(server, { zone: "care", path, body: {}, token: screen.token, headers: elsewhere });
    expect(await refusal(asked)).toEqual([403, "unknown-origin"]);
  });
});

describe("passkeys", () => {
  test("sign in again and again, and with one touch at several cells", async () => {
    const authenticator = await nurseWithPasskey();
    const challenges = ["another-cells-challenge-of-its-own", await challenge()];
    const answer = await post("sign-in/passkey", { challenges, response: authenticator.get({ origin, challenges }) });
    expect(answer.status).toBe(200);
    expect(asSignedIn(answer).person).toMatchObject({ userId: "s-nowak", strength: "passkey" });
  });

  test("one touch for two challenges of one cell lets in once", async () => {
    const authenticator = await nurseWithPasskey(0);
    const challenges = [await challenge(), await challenge()];
    const body = { challenges, response: authenticator.get({ origin, challenges, counter: 0 }) };
    expect((await post("sign-in/passkey", body)).status).toBe(200);
    expect(await refusal(post("sign-in/passkey", body))).toEqual([403, "passkey-refused"]);
  });

  test("without the person's verification, for another page or with a used challenge, nobody is let in", async () => {
    const authenticator = await nurseWithPasskey();
    const attempt = async (spoil: object, challenges: string[]) => {
      const response = authenticator.get({ origin, challenges, ...spoil });
      return post("sign-in/passkey", { challenges, response });
    };
    const refused = [403, "passkey-refused"];
    expect(await refusal(attempt({ isVerified: false }, [await challenge()]))).toEqual(refused);
    expect(await refusal(attempt({ origin: "http://hospital.example" }, [await challenge()]))).toEqual(refused);
    expect(await refusal(attempt({ challenges: ["signed-for-something-else"] }, [await challenge()]))).toEqual(refused);
    expect(await refusal(attempt({}, ["nobody-gave-this-challenge-out"]))).toEqual(refused);
    const used = [await challenge()];
    expect((await attempt({}, used)).status).toBe(200);
    expect(await refusal(attempt({}, used))).toEqual(refused);
    const stranger = softAuthenticator();
    const challenges = [await challenge()];
    const response = stranger.get({ origin, challenges });
    expect(await refusal(post("sign-in/passkey", { challenges, response }))).toEqual([403, "unknown-passkey"]);
  });

  test("a counter that does not go up raises a security event, and lets nobody in", async () => {
    const authenticator = await nurseWithPasskey();
    const attempt = async (counter: number) => {
      const challenges = [await challenge()];
      return post("sign-in/passkey", { challenges, response: authenticator.get({ origin, challenges, counter }) });
    };
    const events = async () =>
      /holdfast_security_events_total\{[^}]*passkey-counter-regressed[^}]*\} (\d+)/.exec(
        (await call(server, { zone: "care", path: "/metrics" })).text,
      )?.[1];
    expect((await attempt(40)).status).toBe(200);
    expect(await events()).toBeUndefined();
    expect(await refusal(attempt(40))).toEqual([403, "passkey-copied"]);
    expect(await events()).toBe("1");
    expect((await attempt(41)).status).toBe(200);
  });

  test("the desk's code makes one passkey for the person it names; without code or sign-in there is none", async () => {
    const code = "NEW-NURSE-CODE";
    const expiresAt = new Date(Date.now() + 60_000).toISOString();
    const state = { userId: "s-adeyemi", expiresAt };
    await controlLog().append([{ kind: "enrolment-code", id: personCodeId("passkey", code), state, by: {} }]);
    expect(await refusal(post("passkeys/start"))).toEqual([403, "person-needed"]);
    expect(await refusal(post("passkeys/start", { code: "NO-SUCH-CODE" }))).toEqual([403, "unknown-code"]);
    const started = (await post("passkeys/start", { code })).json();
    expect(started.user.displayName).toBe("Femi Adeyemi");
    const authenticator = softAuthenticator();
    const challenges = [started.challenge];
    const asked = { challenges, code, name: "Key", response: authenticator.create({ origin, challenges }) };
    expect((await post("passkeys", asked)).status).toBe(200);
    expect(await refusal(post("passkeys/start", { code }))).toEqual([403, "code-used"]);
    const signIn = [await challenge()];
    const response = authenticator.get({ origin, challenges: signIn });
    const answer = await post("sign-in/passkey", { challenges: signIn, response });
    expect(asSignedIn(answer).person.userId).toBe("s-adeyemi");
  });

  test("the same person again is a step-up of the same session; another person's ends it", async () => {
    const first = asSignedIn(await providerSignIn("s-nowak"));
    const again = asSignedIn(await providerSignIn("s-nowak", first.accessToken));
    expect(again.sessionId).toBe(first.sessionId);
    const authenticator = await nurseWithPasskey();
    const challenges = [await challenge()];
    const response = authenticator.get({ origin, challenges });
    const byKey = asSignedIn(await post("sign-in/passkey", { challenges, response }, again.accessToken));
    const said = [first, again, byKey].map(({ accessToken, person }) => [
      server.cells.get("northmoor")!.identity.authenticate(accessToken)?.person?.strength,
      person.strength,
    ]);
    expect(said).toEqual([
      ["provider", "provider"],
      ["provider", "provider"],
      ["passkey", "passkey"],
    ]);
    const other = asSignedIn(await providerSignIn("s-adeyemi", again.accessToken));
    expect(other.sessionId).not.toBe(first.sessionId);
    expect(await refusal(post("passkeys/start", {}, again.accessToken))).toEqual([401, "session-ended"]);
  });
});

test("a sealed account opens at once, for a reason, and leaves a line, a review and an alert", async () => {
  const [code] = breakGlassCodes;
  expect(await refusal(post("sign-in/break-glass", { code }))).toEqual([400, "bad-message"]);
  expect(await refusal(post("sign-in/break-glass", { code: "WRONG-CODE", reason: "outage" }))).toEqual([
    403,
    "unknown-code",
  ]);
  const answer = await post("sign-in/break-glass", { code, reason: "the provider and all keys are lost" });
  expect(answer.status).toBe(200);
  expect(asSignedIn(answer).person).toMatchObject({ userId: "sealed-1", strength: "break-glass" });
  expect((await controlLog().find("break-glass", "sealed-1"))?.state.opened).toBe(1);
  const reviews = (await controlLog().all("review")).map(({ state }) => state);
  expect(reviews).toEqual([
    expect.objectContaining({ account: "sealed-1", reason: "the provider and all keys are lost", state: "open" }),
  ]);
  const { text } = await call(server, { zone: "care", path: "/metrics" });
  expect(text).toMatch(/security_events_total\{[^}]*sealed-account-opened[^}]*\} 1/);
});

test("sealed anew, the codes of before open nothing, and the new ones do", async () => {
  const sealed = await sealAccounts(controlLog(), "opened yesterday");
  for (const code of breakGlassCodes)
    expect(await refusal(post("sign-in/break-glass", { code, reason: "outage" }))).toEqual([403, "unknown-code"]);
  for (const { code, name } of sealed) {
    const answer = await post("sign-in/break-glass", { code: code.toLowerCase(), reason: "outage" });
    expect(asSignedIn(answer).person.name).toBe(name);
  }
});

test("what sign-in may write ends at beginning a review", async () => {
  const cell = server.cells.get("northmoor")!;
  const log = createControlLog(cell.pools.identity, cell.keyRing, "append_identity");
  const [review] = await log.all("review");
  const state = { ...review!.state, state: "closed" };
  const closing = [{ kind: "review" as const, id: review!.id, state, by: {}, expected: review!.position }];
  await expect(log.append(closing)).rejects.toThrow("may only begin a review");
  await expect(log.append([{ kind: "person", id: "x", state: {}, by: {} }])).rejects.toThrow("permission denied");
});
