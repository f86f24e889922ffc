import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { createKeyRing } from "../sealing/key-ring.ts";
import { trustKeyOf } from "../sealing/trust-key.ts";
import { createChallenges } from "./challenges.ts";
import { createProvider, type Provider } from "./provider.ts";
import { usedOnceInMemory } from "./used-once.ts";

/** What a provider of this test says, each spoiled by one test. */
interface Told {
  issuer: string;
  claims: Record<string, unknown>;
  /** Signs with a key that the provider does not publish. */
  otherKey: boolean;
  tokenStatus: number;
  /** Never answers the token request. */
  isSlow: boolean;
  padding: number;
}

const deviceId = "00000000-0000-7000-8000-000000000001";
const redirectUri = "http://hospital.localhost:7400/sign-in/return";
let keys: Awaited<ReturnType<typeof generateKeyPair>>[];
let server: Server | undefined;
let events: string[];

beforeAll(async () => {
  keys = [await generateKeyPair("RS256"), await generateKeyPair("RS256")];
});
afterEach(() => stop());
const stop = () => {
  server?.closeAllConnections();
  server?.close();
  server = undefined;
};

/** A provider that answers `sub` for any code, and the trust's side of it. */
const providerThat = async (spoil: Partial<Told> = {}) => {
  let nonce = "";
  const listening = createServer((request, response) => void answer(request, response));
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const { port } = listening.address() as { port: number };
  const issuer = `http://id.localhost:${port}`;
  const told: Told = { issuer, claims: {}, otherKey: false, tokenStatus: 200, isSlow: false, padding: 0, ...spoil };
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const send = (body: object, status = 200) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (request.url === "/jwks") return send({ keys: [{ ...(await exportJWK(keys[0]!.publicKey)), kid: "k" }] });
    if (request.url === "/token") {
      if (told.isSlow) return;
      const now = Math.floor(Date.now() / 1000);
      const times = { iat: now, exp: now + 300, auth_time: now };
      const claims = { iss: issuer, aud: "holdfast", sub: "n-1", nonce, acr: "two", ...times, ...told.claims };
      const idToken = await new SignJWT(claims)
        .setProtectedHeader({ alg: "RS256", kid: "k" })
        .sign(keys[told.otherKey ? 1 : 0]!.privateKey);
      return send({ access_token: "a", token_type: "Bearer", id_token: idToken }, told.tokenStatus);
    }
    return send({
      issuer: told.issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ["code"],
      id_token_signing_alg_values_supported: ["RS256"],
      padding: "x".repeat(told.padding),
    });
  };
  const keyRing = createKeyRing(trustKeyOf([randomBytes(32)], randomBytes(32), [randomBytes(32)]));
  const challenges = createChallenges(keyRing, usedOnceInMemory(), Date.now);
  const state = { name: "Test provider", issuer, clientId: "holdfast", acrValues: ["two"], amrValues: ["mfa"] };
  events = [];
  const setting = { kind: "setting" as const, id: "provider", position: 1, changed: new Date(), state };
  const log = { find: async () => setting };
  const provider = createProvider({ log, keyRing, challenges, onSecurityEvent: ({ code }) => events.push(code) });
  return { provider, issuer, setting: state, expectNonce: (given: string) => (nonce = given) };
};

const signIn = async (
  { provider, expectNonce, issuer }: Awaited<ReturnType<typeof providerThat>>,
  spoil: Record<string, string> = {},
) => {
  const url = new URL(await provider.start({ deviceId, redirectUri, again: true }));
  expect([url.origin, url.searchParams.get("code_challenge_method"), url.searchParams.get("acr_values")]).toEqual([
    issuer,
    "S256",
    "two",
  ]);
  expectNonce(url.searchParams.get("nonce")!);
  const query = { code: "c", state: url.searchParams.get("state")!, ...spoil };
  return provider.finish(deviceId, new URLSearchParams(query).toString());
};
const problemOf = (attempt: ReturnType<Provider["finish"]>) =>
  attempt.then(
    () => "let in",
    (error) => error.problem?.code ?? error,
  );

test("a provider that says two factors lets its person in, by acr or by amr", async () => {
  const says = await providerThat();
  expect(await signIn(says)).toEqual({ issuer: says.issuer, sub: "n-1", signOutUrl: undefined });
  stop();
  expect(await signIn(await providerThat({ claims: { acr: "one", amr: ["pwd", "mfa"] } }))).toMatchObject({
    sub: "n-1",
  });
});

test("an answer that was begun with the provider before is none of the one that the trust has now", async () => {
  const says = await providerThat();
  const state = new URL(await says.provider.start({ deviceId, redirectUri, again: true })).searchParams.get("state");
  says.setting.issuer = "https://id.example";
  expect(await problemOf(says.provider.finish(deviceId, `code=c&state=${state}`))).toBe("sign-in-lapsed");
});

describe("one factor is refused", () => {
  test.each<[string, Record<string, unknown>]>([
    ["said to be one", { acr: "one" }],
    ["not said at all", { acr: undefined }],
    ["a password, in amr", { acr: undefined, amr: ["pwd"] }],
    ["amr that is no list", { acr: undefined, amr: "mfa" }],
  ])("%s", async (_what, claims) => {
    expect(await problemOf(signIn(await providerThat({ claims })))).toBe("second-factor-missing");
    expect(events).toEqual(["second-factor-missing"]);
  });
});

describe("a provider that lies is not believed, and an event tells of it", () => {
  test.each<[string, Partial<Told>]>([
    ["another's nonce", { claims: { nonce: "another" } }],
    ["another audience", { claims: { aud: "someone-else" } }],
    ["another issuer", { claims: { iss: "http://id.localhost:1" } }],
    ["an expired token", { claims: { exp: 1_000_000 } }],
    ["a signature by another key", { otherKey: true }],
    ["a sign-in of yesterday, where it was asked to ask again", { claims: { auth_time: 1_000_000 } }],
  ])("%s", async (_what, spoil) => {
    expect(await problemOf(signIn(await providerThat(spoil)))).toBe("provider-wrong");
    expect(events).toEqual(["provider-wrong"]);
  });

  test("discovery in another's name, and an answer without end", async () => {
    const start = async (spoil: Partial<Told>) => {
      const { provider } = await providerThat(spoil);
      return provider.start({ deviceId, redirectUri, again: false }).catch((error) => error.problem?.code ?? error);
    };
    expect(await start({ issuer: "http://id.localhost:1" })).toBe("provider-wrong");
    stop();
    expect(await start({ padding: 2_000_000 })).toBe("provider-wrong");
  });
});

describe("a provider that is down or slow", () => {
  test("is told apart from one that lies, at each step", async () => {
    expect(await problemOf(signIn(await providerThat({ tokenStatus: 502 })))).toBe("provider-down");
    stop();
    const { provider } = await providerThat();
    stop();
    const started = provider.start({ deviceId, redirectUri, again: true });
    expect(await started.catch((error) => [error.status, error.problem.code])).toEqual([503, "provider-down"]);
    expect(events).toEqual([]);
  });

  test("is given up after some seconds", async () => {
    expect(await problemOf(signIn(await providerThat({ isSlow: true })))).toBe("provider-down");
  });
});

test("what comes back is checked: a foreign state, another device, the provider's refusal, a refused code", async () => {
  const says = await providerThat();
  expect(await problemOf(signIn(says, { state: "foreign" }))).toBe("sign-in-lapsed");
  const url = new URL(await says.provider.start({ deviceId, redirectUri, again: true }));
  const query = new URLSearchParams({ code: "c", state: url.searchParams.get("state")! }).toString();
  expect(await problemOf(says.provider.finish("00000000-0000-7000-8000-000000000002", query))).toBe("sign-in-lapsed");
  expect(await problemOf(signIn(says, { error: "access_denied" }))).toBe("provider-refused");
});
