import { hash } from "node:crypto";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Bearer, proofOf } from "#demo/node-proofs.ts";
import { pokeSubprotocol } from "#protocol/poke.ts";
import type { ProofClaims } from "#protocol/proof.ts";
import type { SessionTokens } from "#protocol/session.ts";
import { thumbprintOf, uncheckedProofs } from "#server/identity/dpop.ts";
import type { Principal } from "#server/identity/identity.ts";
import { issueToken } from "#server/identity/tokens.ts";
import { bindToken, bootForTest, call, signedSubprotocols, type TestAnswer, type TestServer } from "#test/boot.ts";
import { enrolTestDevice, incident, note, push, runOf, type TestDevice, testChain } from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import { useDevice, useServer } from "#test/set-up.ts";
import { newDevice } from "../../bench/workload.ts";

const path = "/sync/v1/pull";
const pull = { zone: "crew", path, body: { protocol: 1, records: {} } } as const;
const thief = newDevice();

/** Pulls with a stolen token, and a proof by whatever key the thief has. */
const pullAsThief = (server: TestServer, { token }: TestDevice): Promise<TestAnswer> =>
  call(server, { ...pull, token, key: thief });

describe("a token", () => {
  const server = useServer();
  const tablet = useDevice(server, "crew");

  const cell = () => server.cells.get("northmoor")!;
  const code = async (answer: Promise<TestAnswer>): Promise<[number, string]> => {
    const { status, json } = await answer;
    return [status, status === 200 ? "answered" : json().code];
  };
  /** Lines of the access log that tell of this refusal. */
  const refusalsOf = async (deviceId: string): Promise<number> => {
    const text = "SELECT count(*)::int AS n FROM access_line WHERE device_id = $1 AND action = 'refused'";
    return (await sql<{ n: number }>(cell().databaseUrl("owner"), text, [deviceId]))[0]!.n;
  };
  /** A genuine token that says something else, bound to a key of its own. */
  const issued = (more: Partial<Principal>): Bearer => {
    const { privateKey, publicKey, deviceId } = tablet;
    const keyThumbprint = thumbprintOf(publicKey);
    const claims = {
      deviceId,
      zone: "crew",
      siteId: undefined,
      readsUntilMs: Date.now() + 60_000,
      keyThumbprint,
    } as const;
    const bearer = { privateKey, publicKey, token: issueToken(cell().keyRing.tokenKey, { ...claims, ...more }) };
    bindToken(bearer);
    return bearer;
  };
  const nonceNow = async (): Promise<string> => {
    const answer = await call(server, { zone: "crew", path: "/identity/v1/nonce" });
    return String(answer.headers["dpop-nonce"]);
  };
  const host = () => `crew.northmoor.localhost:${server.ports.crew}`;
  const claimsNow = async (more: Partial<ProofClaims> = {}): Promise<ProofClaims> => ({
    jti: crypto.randomUUID(),
    htm: "POST",
    htu: `http://${host()}${path}`,
    ath: hash("sha256", tablet.token, "base64url"),
    nonce: await nonceNow(),
    ...more,
  });
  const pullWith = (proof: string): Promise<TestAnswer> =>
    call(server, { ...pull, token: tablet.token, key: "none", headers: { dpop: proof } });

  test("with its key reads; stolen, with another key or none, it does not, and the theft is told", async () => {
    expect(await code(call(server, { ...pull, token: tablet.token }))).toEqual([200, "answered"]);
    const before = await refusalsOf(tablet.deviceId);
    expect(await code(pullAsThief(server, tablet))).toEqual([401, "wrong-key"]);
    const nothing = await call(server, { ...pull, token: tablet.token, key: "none" });
    expect([nothing.status, nothing.json().code]).toEqual([401, "use_dpop_nonce"]);
    expect(nothing.headers["www-authenticate"]).toContain('error="use_dpop_nonce"');
    expect(nothing.headers["dpop-nonce"]).toBeDefined();
    await expect.poll(() => refusalsOf(tablet.deviceId)).toBe(before + 1);
    const { text } = await call(server, { zone: "crew", path: "/metrics" });
    expect(text).toContain('code="wrong-key"');
  });

  test("control: with proofs unchecked the stolen token reads, so the test above can fail", async () => {
    const open = await bootForTest({ proofs: uncheckedProofs });
    try {
      expect((await pullAsThief(open, await enrolTestDevice(open, "crew"))).status).toBe(200);
    } finally {
      await open.remove();
    }
  });

  test("is asked for across origins: our pages may send a proof, and read what the next one needs", async () => {
    const origin = server.addresses.tablet;
    const asking = { origin, "access-control-request-method": "POST", "access-control-request-headers": "dpop" };
    const before = await call(server, { zone: "crew", method: "OPTIONS", path, headers: asking });
    expect(before.headers["access-control-allow-headers"]).toMatch(/\bdpop\b/);
    const refused = await call(server, { ...pull, headers: { origin } });
    for (const name of ["dpop-nonce", "www-authenticate"])
      expect(String(refused.headers["access-control-expose-headers"]).split(/, ?/)).toContain(name);
  });

  test("as a bearer token is not taken without the proof that its own scheme asks for", async () => {
    const headers = { authorization: `Bearer ${tablet.token}` };
    expect(await code(call(server, { ...pull, headers }))).toEqual([401, "use_dpop_nonce"]);
  });

  test("comes with a proof of this request, used once, whatever its device's clock says", async () => {
    const day = 86_400;
    for (const iat of [Date.now() / 1000 - day, Date.now() / 1000 + day]) {
      const claims: ProofClaims & { iat: number } = { ...(await claimsNow()), iat };
      const proof = proofOf(tablet, claims);
      expect(await code(pullWith(proof))).toEqual([200, "answered"]);
      expect(await code(pullWith(proof))).toEqual([401, "proof-replayed"]);
    }
    const elsewhere: Partial<ProofClaims>[] = [
      { htm: "GET" },
      { htu: `http://${host()}/sync/v1/heads` },
      { htu: `http://${host().replace("northmoor", "westvale")}${path}` },
      { ath: hash("sha256", "another token", "base64url") },
    ];
    for (const more of elsewhere)
      expect(await code(pullWith(proofOf(tablet, await claimsNow(more))))).toEqual([401, "proof-elsewhere"]);
    const forged = proofOf({ privateKey: thief.privateKey, publicKey: tablet.publicKey }, await claimsNow());
    expect(await code(pullWith(forged))).toEqual([401, "bad-proof"]);
    const { nonce: _nonce, ...noNonce } = await claimsNow();
    expect(await code(pullWith(proofOf(tablet, noNonce)))).toEqual([401, "use_dpop_nonce"]);
  });

  test("forged, of another trust or zone, or too long, is nobody's", async () => {
    const elsewhere = await enrolTestDevice(server, "crew", "DEMO-TABLET-1", "westvale");
    const screen = await enrolTestDevice(server, "care");
    const [body, mac] = tablet.token.split(".");
    const raised = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(body!, "base64url").toString()), zone: "care" }),
    );
    const forged = [`${raised.toString("base64url")}.${mac}`, `${body}.`, body!, "..", `${body}.${"x".repeat(3_000)}`];
    for (const token of [elsewhere.token, screen.token, ...forged])
      expect(await code(call(server, { ...pull, token, key: tablet }))).toEqual([401, "sign-in"]);
  });

  test("past its term still pushes, and reads nothing", async () => {
    const over = { ...tablet, token: issued({ readsUntilMs: Date.now() - 1 }).token };
    const { answers } = await push(server, over, await runOf(tablet, testChain(), incident));
    expect(answers[0]!.answer).toBe("accepted");
    expect(await code(call(server, { ...pull, token: over.token }))).toEqual([401, "sign-in-expired"]);
    const { token } = issued({ readsUntilMs: Date.now() - 1, sessionId: crypto.randomUUID() });
    expect(await code(call(server, { ...pull, token }))).toEqual([401, "token-expired"]);
  });

  test("of the first version, bound to no key, pushes and reads nothing", async () => {
    const { deviceId } = tablet;
    const claims = { deviceId, zone: "crew", siteId: undefined, readsUntilMs: Date.now() + 60_000 } as const;
    const token = issueToken(cell().keyRing.tokenKey, claims);
    await push(server, { ...tablet, token }, await runOf(tablet, testChain(), incident));
    expect(await code(call(server, { ...pull, token, key: tablet }))).toEqual([401, "sign-in"]);
  });

  /** A person on the tablet, with the tokens as a client has them. */
  const signedIn = async (): Promise<SessionTokens & Bearer> => {
    const { deviceId, publicKey, privateKey } = tablet;
    const tokens = await cell().sessions.open({
      person: { userId: "n-testcase", name: "Testcase Medic", roles: ["paramedic"], strength: "passkey" },
      deviceId,
      zone: "crew",
      keyThumbprint: thumbprintOf(publicKey),
    });
    const bearer = { privateKey, publicKey, token: tokens.accessToken };
    bindToken(bearer);
    return { ...tokens, ...bearer };
  };
  const refresh = async (refreshToken: string, key: Omit<Bearer, "token">): Promise<TestAnswer> => {
    const { ath: _ath, ...claims } = await claimsNow({ htu: `http://${host()}/identity/v1/refresh` });
    const body = { protocol: 1, refreshToken };
    return call(server, { zone: "crew", path: "/identity/v1/refresh", body, headers: { dpop: proofOf(key, claims) } });
  };

  test("of a person is refreshed with a proof by the same key, and by no other", async () => {
    const { refreshToken } = await signedIn();
    const answer = await refresh(refreshToken, tablet);
    expect([answer.status, answer.headers["cache-control"]]).toEqual([200, "no-store"]);
    const next = answer.json<SessionTokens>();
    bindToken({ ...tablet, token: next.accessToken });
    expect(await code(call(server, { ...pull, token: next.accessToken }))).toEqual([200, "answered"]);
    expect(await code(refresh(next.refreshToken, thief))).toEqual([401, "session-ended"]);
    expect(await code(call(server, { ...pull, token: next.accessToken }))).toEqual([401, "session-ended"]);
    const bare = call(server, { zone: "crew", path: "/identity/v1/refresh", body: { protocol: 1, refreshToken } });
    expect(await code(bare)).toEqual([401, "use_dpop_nonce"]);
  });

  test("of a person is worth nothing after the sign-out: its socket closes, reading ends, pushing goes on", async () => {
    const person = await signedIn();
    const { token } = person;
    const signs = await signedSubprotocols(server, { zone: "crew", path: "/sync/v1/poke", token });
    const socket = new WebSocket(`ws://127.0.0.1:${server.ports.crew}/sync/v1/poke`, [pokeSubprotocol, ...signs], {
      headers: { host: host() },
    });
    await once(socket, "open");
    const closed = once(socket, "close");
    const out = await call(server, { zone: "crew", method: "POST", path: "/identity/v1/sign-out", token });
    expect(out.status).toBe(204);
    expect((await closed)[0]).toBe(1008);
    expect(await code(call(server, { ...pull, token }))).toEqual([401, "session-ended"]);
    const { answers } = await push(
      server,
      { ...tablet, token },
      await runOf(tablet, testChain(), incident, note("late")),
    );
    expect(answers.map(({ answer }) => answer)).toEqual(["accepted", "accepted"]);
  });

  test("of a device is proved anew after a restart, which has forgotten every nonce and proof", async () => {
    const proof = proofOf(tablet, await claimsNow());
    await server.restart();
    expect(await code(pullWith(proof))).toEqual([401, "use_dpop_nonce"]);
    expect(await code(call(server, { ...pull, token: tablet.token }))).toEqual([200, "answered"]);
  });
});
