import { exportJWK, generateKeyPair } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import type { ConnectionsResponse } from "#protocol/control/connections.ts";
import type { ProposalRow } from "#protocol/control/proposals.ts";
import type { TokenResponse } from "#protocol/smart.ts";
import { accessQueries } from "#server/logs/access-queries.ts";
import { bindToken, call, type TestCall } from "#test/boot.ts";
import { openTestDesk, type TestDesk } from "#test/desk.ts";
import { harbour, southgate } from "#test/devices.ts";
import { type Algorithm, askToken, newOtherSystem, type OtherSystem } from "#test/other-system.ts";
import { marker, type PlantedRecord, plantRecord } from "#test/route-probes.ts";
import { useServer } from "#test/set-up.ts";
import { newDevice } from "../../../bench/workload.ts";

const server = useServer({ settings: { HOLDFAST_REQUESTS_PER_MINUTE: "10000000" } });
let desk: TestDesk;
let approver: TestDesk;
let planted: PlantedRecord;
beforeAll(async () => {
  desk = await openTestDesk(server, "n-hale", ["configuration"]);
  approver = await openTestDesk(server, "n-banda", ["governance"]);
  planted = await plantRecord(server);
});

const tokenUrl = (trust = "northmoor"): string =>
  `http://care.${trust}.localhost:${server.ports.care}/identity/v1/token`;
const described = { name: "Southgate EPR", siteId: southgate.siteId, types: ["*"], proof: "bearer", reason: "Test" };

/** A second person agrees to what is proposed of the system whose keys these are. */
const agree = async (system: OtherSystem): Promise<void> => {
  expect(system.key.kid).not.toBe("");
  const { rows } = (await approver.get("proposals")).json<{ rows: ProposalRow[] }>();
  for (const { proposalId, position: expected } of rows)
    expect(
      (await approver.post(`proposals/${proposalId}`, { decision: "approve", words: "Agreed", expected })).json(),
    ).toEqual({
      state: "done",
    });
};

/** The desk lets the system read; its client id. */
const connect = async (system: OtherSystem, more: object = {}): Promise<string> => {
  const asked = { ...described, keys: [system.key], ...more };
  const answer = await desk.post("connections", asked);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  const { connectionId } = answer.json<{ connectionId: string }>();
  await agree(system);
  await expect.poll(() => server.cells.get("northmoor")!.connections.active(connectionId)).toBeDefined();
  return connectionId;
};
const connected = async (more: object = {}, alg?: Algorithm) => {
  const system = await newOtherSystem(alg);
  const clientId = await connect(system, more);
  const assertion = (claims?: Record<string, unknown>) => system.sign(clientId, tokenUrl(), claims);
  return { system, clientId, assertion };
};
const granted = async (assertion: string, scope?: string, more?: Partial<TestCall>): Promise<TokenResponse> => {
  const answer = await askToken(server, assertion, scope, more);
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  return answer.json<TokenResponse>();
};
const read = (token: string, what: string, scheme = "Bearer") =>
  call(server, { zone: "care", path: `/fhir/R4/${what}`, headers: { authorization: `${scheme} ${token}` } });
const outcomeOf = (answer: { json(): Record<string, unknown> }) => {
  const { resourceType, issue } = answer.json() as {
    resourceType: string;
    issue: { details: { coding: { code: string }[] } }[];
  };
  return `${resourceType} ${issue[0]!.details.coding[0]!.code}`;
};
const accessesOf = async (deviceId: string) => {
  const { pools, keyRing } = server.cells.get("northmoor")!;
  const ago = new Date(Date.now() - 3_600_000);
  const { lines } = await accessQueries(pools.control, keyRing).touched(
    { deviceId },
    ago,
    new Date(Date.now() + 60_000),
  );
  return lines.map(({ action, purpose, detail }) => `${action} ${purpose} ${detail ?? ""}`.trim());
};

test("what another vendor's library asks first says where and how, as SMART App Launch 2.2 has it", async () => {
  const answer = await call(server, { zone: "care", path: "/fhir/R4/.well-known/smart-configuration" });
  expect([answer.status, answer.json()]).toEqual([
    200,
    expect.objectContaining({
      token_endpoint: tokenUrl(),
      token_endpoint_auth_methods_supported: ["private_key_jwt"],
      token_endpoint_auth_signing_alg_values_supported: ["RS384", "ES384"],
      grant_types_supported: ["client_credentials"],
      capabilities: expect.arrayContaining(["client-confidential-asymmetric"]),
    }),
  ]);
});

test.each<Algorithm>(["RS384", "ES384"])(
  "a signed assertion of %s gives a token that reads, each act with its line",
  async (alg) => {
    const { clientId, assertion } = await connected({}, alg);
    const { token_type, expires_in, scope, access_token } = await granted(await assertion());
    expect([token_type, expires_in, scope]).toEqual(["bearer", 300, "system/*.r"]);
    expect((await read(access_token, `Patient/${planted.recordId}`)).text).toContain(marker);
    expect((await read(access_token, `Composition/${planted.recordId}/$document`)).status).toBe(200);
    expect(await accessesOf(clientId)).toEqual([
      "fhir-read integration",
      "fhir-read integration",
      "sign-in integration system/*.r",
    ]);
  },
);

test("a connection whose tokens are bound to a key needs its proof, for the token and for each read", async () => {
  const { assertion } = await connected({ proof: "dpop" });
  const without = await askToken(server, await assertion());
  expect([without.status, without.json().error]).toEqual([400, "invalid_dpop_proof"]);
  const [key, another] = [newDevice(), newDevice()];
  const signed = await assertion();
  // RFC 9449 §8: the first proof learns the nonce, and costs no assertion.
  expect((await askToken(server, signed, undefined, { key })).json().error).toBe("use_dpop_nonce");
  const { token_type, access_token: token } = await granted(signed, undefined, { key });
  expect(token_type).toBe("DPoP");
  const path = `/fhir/R4/Patient/${planted.recordId}`;
  expect((await read(token, `Patient/${planted.recordId}`)).status).toBe(401);
  expect(outcomeOf(await read(token, `Patient/${planted.recordId}`, "DPoP"))).toBe("OperationOutcome use_dpop_nonce");
  expect(outcomeOf(await call(server, { zone: "care", path, token, key: another }))).toBe("OperationOutcome wrong-key");
  bindToken({ ...key, token });
  expect((await call(server, { zone: "care", path, token })).text).toContain(marker);
});

describe("a token reads what its scopes say", () => {
  test("of what the desk gave, and no whole document without everything", async () => {
    const { assertion } = await connected({ types: ["Patient", "Encounter"] });
    const { access_token, scope } = await granted(
      await assertion(),
      "system/Patient.read system/Observation.rs launch",
    );
    expect(scope).toBe("system/Patient.read");
    expect((await read(access_token, `Patient/${planted.recordId}`)).status).toBe(200);
    for (const what of [
      `Encounter/${planted.recordId}`,
      `Composition/${planted.recordId}`,
      `Bundle/${planted.recordId}`,
      `Composition/${planted.recordId}/$document`,
    ]) {
      const answer = await read(access_token, what);
      expect([what, answer.status, outcomeOf(answer)]).toEqual([what, 403, "OperationOutcome insufficient-scope"]);
    }
    expect((await granted(await assertion())).scope).toBe("system/Patient.r system/Encounter.r");
  });

  test.each(["system/Observation.r", "user/*.read", "system/*.cud", "patient/Patient.r", "", "system/*.r\u0000"])(
    "and %j is none that it has",
    async (scope) => {
      const { assertion } = await connected({ types: ["Patient"] });
      const answer = await askToken(server, await assertion(), scope);
      expect([answer.status, answer.json().error]).toEqual([400, "invalid_scope"]);
    },
  );

  test("of its own site alone, and of no restricted record", async () => {
    const { assertion } = await connected({ siteId: harbour.siteId });
    const { access_token } = await granted(await assertion());
    expect((await read(access_token, `Patient/${planted.recordId}`)).status).toBe(404);
  });

  test("and does nothing else: no board, no push, no page, no desk", async () => {
    const { assertion } = await connected();
    const { access_token } = await granted(await assertion());
    const headers = { authorization: `Bearer ${access_token}` };
    const asks: TestCall[] = [
      { zone: "care", path: "/arrivals/v1", headers },
      { zone: "care", path: `/records/v1/${planted.recordId}/page.pdf`, headers },
      { zone: "care", path: `/records/v1/${planted.recordId}/accesses`, headers },
      { zone: "care", path: "/sync/v1/push", body: { protocol: 1, epochSeen: 0, chains: [] }, headers },
      { zone: "care", path: "/sync/v1/pull", body: { protocol: 1, records: {} }, headers },
      { zone: "care", path: "/identity/v1/heartbeat", body: {}, headers },
      { zone: "control", path: "/control/v1/people", headers },
      { zone: "crew", path: "/sync/v1/heads", body: {}, headers },
    ];
    for (const ask of asks) expect([ask.path, (await call(server, ask)).status]).toEqual([ask.path, 401]);
  });
});

describe("an assertion is refused, in words that its engineer can act on", () => {
  const inADay = 24 * 3_600;
  const seconds = () => Math.floor(Date.now() / 1000);
  test.each<[string, () => Record<string, unknown>, RegExp]>([
    ["for another address", () => ({ aud: "https://elsewhere.example/token" }), /aud is http:\/\/care\.northmoor/],
    ["of another subject", () => ({ sub: "somebody-else" }), /sub is the client_id/],
    ["whose clock is a day slow", () => ({ exp: seconds() - inADay }), /exp has passed; here it is \d{4}-/],
    [
      "whose clock is a day fast",
      () => ({ exp: seconds() + inADay }),
      /more than five minutes ahead; here it is \d{4}-/,
    ],
    ["that is not valid yet", () => ({ nbf: seconds() + inADay }), /nbf is no time to come/],
    ["without an end", () => ({ exp: undefined }), /exp is a time in seconds/],
    ["without a name of its own", () => ({ jti: undefined }), /jti is a text/],
  ])("%s", async (_what, claims, words) => {
    const { clientId, assertion } = await connected();
    const answer = await askToken(server, await assertion(claims()));
    expect([answer.status, answer.json().error]).toEqual([401, "invalid_client"]);
    expect(answer.json().error_description).toMatch(words);
    await expect.poll(() => accessesOf(clientId)).toEqual(["refused integration token invalid_client"]);
  });

  test("used again, also by another process", async () => {
    const { assertion } = await connected();
    const signed = await assertion();
    await granted(signed);
    const answer = await askToken(server, signed);
    expect([answer.status, answer.json().error_description]).toEqual([401, expect.stringContaining("used before")]);
  });

  test("signed by another key, by none, or by one that the trust does not know", async () => {
    const { clientId, system } = await connected();
    const stranger = await newOtherSystem("ES384", system.key.kid);
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const claims = { iss: clientId, sub: clientId, aud: tokenUrl(), exp: seconds() + 60, jti: "0123456789" };
    const unsigned = `${part({ alg: "none" })}.${part(claims)}.`;
    const unknown = await newOtherSystem();
    for (const assertion of [
      await stranger.sign(clientId, tokenUrl()),
      unsigned,
      await unknown.sign(clientId, tokenUrl()),
      "x",
      "",
    ]) {
      const answer = await askToken(server, assertion);
      expect([answer.status, answer.json().error]).toEqual([401, "invalid_client"]);
    }
  });

  test("of another trust's connection, or of one that has ended, whose tokens end with it", async () => {
    const { clientId, assertion, system } = await connected();
    const foreign = await askToken(server, await system.sign(clientId, tokenUrl("westvale")), undefined, {
      trust: "westvale",
    });
    expect([foreign.status, foreign.json().error]).toEqual([401, "invalid_client"]);
    const { access_token } = await granted(await assertion());
    const atWestvale: TestCall = { zone: "care", trust: "westvale", path: `/fhir/R4/Patient/${planted.recordId}` };
    expect((await call(server, { ...atWestvale, headers: { authorization: `Bearer ${access_token}` } })).status).toBe(
      401,
    );
    expect((await read(access_token, `Patient/${planted.recordId}`)).status).toBe(200);
    const row = (await desk.get("connections"))
      .json<ConnectionsResponse>()
      .rows.find((each) => each.connectionId === clientId)!;
    const { connectionId: _, ended: __, changed: ___, waiting: ____, position: expected, ...kept } = row;
    const ended = { ...kept, endsAt: new Date().toISOString(), reason: "Left", expected };
    expect((await desk.post(`connections/${clientId}`, ended)).status).toBe(200);
    await expect
      .poll(async () => outcomeOf(await read(access_token, `Patient/${planted.recordId}`)))
      .toBe("OperationOutcome connection-ended");
    expect((await askToken(server, await assertion())).status).toBe(401);
  });

  test("and so is what is no such request", async () => {
    const { assertion } = await connected();
    const asks = [
      { form: { grant_type: "password" }, error: "unsupported_grant_type" },
      { form: { client_assertion_type: "x" }, error: "invalid_request" },
      { form: { scope: "x".repeat(3_000) }, error: "invalid_request" },
    ];
    for (const { form, error } of asks)
      expect((await askToken(server, await assertion(), undefined, { form })).json().error).toBe(error);
    expect((await call(server, { zone: "care", path: "/identity/v1/token", body: {} })).status).toBe(415);
  });
});

describe("a second person agrees", () => {
  const change = async (clientId: string, more: object) => {
    const row = (await desk.get("connections"))
      .json<ConnectionsResponse>()
      .rows.find((each) => each.connectionId === clientId)!;
    const { connectionId: _, ended: __, changed: ___, waiting: ____, position: expected, ...kept } = row;
    const answer = await desk.post(`connections/${clientId}`, { ...kept, ...more, reason: "Test", expected });
    expect([answer.status, answer.text]).toEqual([200, expect.any(String)]);
  };
  const patient = (token: string) => read(token, `Patient/${planted.recordId}`).then(outcomeOr);
  const outcomeOr = (answer: Awaited<ReturnType<typeof read>>) => (answer.status === 200 ? 200 : outcomeOf(answer));

  test("before it reads anything, and before it reads more; whoever proposed it does not", async () => {
    const system = await newOtherSystem();
    const made = await desk.post("connections", { ...described, keys: [system.key], types: ["Encounter"] });
    const { connectionId: clientId } = made.json<{ connectionId: string }>();
    const ask = async () => askToken(server, await system.sign(clientId, tokenUrl()));
    expect((await ask()).status).toBe(401);
    const both = await openTestDesk(server, "n-hale", ["configuration", "governance"]);
    const [row] = (await both.get("proposals")).json<{ rows: ProposalRow[] }>().rows;
    expect(row!.connection).toBe(
      "Southgate EPR reads Encounter of southgate-ed, with bearer tokens, which read for whoever holds one",
    );
    const own = { decision: "approve", words: "Agreed", expected: row!.position };
    expect((await both.post(`proposals/${row!.proposalId}`, own)).json().code).toBe("own-proposal");
    await agree(system);
    await expect.poll(async () => (await ask()).status).toBe(200);
    const { access_token } = (await ask()).json<TokenResponse>();
    await change(clientId, { types: ["Encounter", "Patient"] });
    // Also a token of before reads nothing meanwhile.
    await expect.poll(() => patient(access_token)).toBe("OperationOutcome connection-ended");
    expect((await ask()).status).toBe(401);
    await agree(system);
    await expect.poll(async () => (await ask()).status).toBe(200);
    expect(await patient(access_token)).toBe("OperationOutcome connection-changed");
    expect(await patient((await ask()).json<TokenResponse>().access_token)).toBe(200);
  });

  test("and what is narrowed acts at once, on tokens too", async () => {
    const { clientId, assertion } = await connected();
    const { access_token } = await granted(await assertion());
    expect(await patient(access_token)).toBe(200);
    await change(clientId, { types: ["Encounter"] });
    await expect.poll(() => patient(access_token)).toBe("OperationOutcome connection-changed");
    expect((await granted(await assertion(), "system/Encounter.r")).scope).toBe("system/Encounter.r");
  });
});

describe("at the desk", () => {
  test("a key that could not sign, and one that should have stayed secret, are refused", async () => {
    const { privateKey } = await generateKeyPair("ES384", { extractable: true });
    const system = await newOtherSystem();
    const asks: [object[], string][] = [
      [[{ ...(await exportJWK(privateKey)), kid: "1" }], "private-key"],
      [[{ ...system.key, alg: "RS384" }], "bad-key"],
      [[{ ...system.key, x: "AAAA" }], "bad-key"],
      [[system.key, system.key], "bad-key"],
      [[{ kty: "RSA", kid: "1", e: "AQAB", n: Buffer.alloc(128, 201).toString("base64url") }], "bad-key"],
      [[], "bad-message"],
    ];
    for (const [keys, code] of asks)
      expect((await desk.post("connections", { ...described, keys })).json().code).toBe(code);
    const unserved = { ...described, keys: [system.key], types: ["Claim"] };
    expect((await desk.post("connections", unserved)).json().code).toBe("no-such-type");
  });

  test("who let a system read, and why, stays; a change must be of the newest state; and no other role's it is", async () => {
    const { clientId, system } = await connected();
    const changed = { ...described, keys: [system.key], name: "Southgate EPR 2" };
    expect((await desk.post(`connections/${clientId}`, { ...changed, expected: 0 })).json().code).toBe(
      "changed-meanwhile",
    );
    const { lines } = (await desk.get(`connections/${clientId}/history`)).json<{
      lines: { reason: string; fields: object[] }[];
    }>();
    expect(lines).toHaveLength(2);
    expect(lines[1]!.reason).toBe("Test");
    expect(lines[1]!.fields).toContainEqual({ field: "keys", after: "set" });
    const security = await openTestDesk(server, "n-kerr", ["security"]);
    expect((await security.post("connections", changed)).json().code).toBe("not-your-role");
  });

  test("no person is given a system's role", async () => {
    const person = {
      userId: "n-robot",
      name: "Testcase Robot",
      staffNumber: "1",
      roles: ["integration"],
      reason: "Test",
    };
    expect((await desk.post("people", person)).json().code).toBe("bad-message");
  });
});
