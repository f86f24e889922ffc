import { connect } from "node:net";
import { describe, expect, test } from "vitest";
import { chainEntriesMax } from "#domain/entry/entry.ts";
import { limits } from "#protocol/limits.ts";
import { problem } from "#protocol/problem.ts";
import { bootForTest, call, type TestCall } from "#test/boot.ts";
import { incident, note, pull, push, runOf, testChain } from "#test/devices.ts";
import { useDevice, useServer } from "#test/set-up.ts";
import { newDevice, sha256, uuid7 } from "../../bench/workload.ts";

describe("bad input", () => {
  const server = useServer();
  const tablet = useDevice(server, "crew");

  const pushing = (body: unknown, more: Partial<TestCall> = {}): TestCall => ({
    zone: "crew",
    path: "/sync/v1/push",
    token: tablet.token,
    body,
    ...more,
  });
  const chains = [
    { deviceId: uuid7(), recordId: uuid7(), entries: ["{}"], head: { n: 1, hash: sha256("{}"), signature: "x" } },
  ];
  const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

  const refusals: [what: string, status: number, code: string, to: () => TestCall][] = [
    ["no JSON", 400, "not-json", () => pushing("{oops")],
    ["an empty body", 400, "not-json", () => pushing("")],
    ["bytes that are no UTF-8", 400, "not-json", () => pushing(Buffer.from([0xff, 0xfe, 0x00]))],
    ["a number for a message", 400, "bad-message", () => pushing("7")],
    ["null for a message", 400, "bad-message", () => pushing("null")],
    ["another type of field", 400, "bad-message", () => pushing({ protocol: "1", epochSeen: 0, chains })],
    ["no chains", 400, "bad-message", () => pushing({ protocol: 1, epochSeen: 0, chains: [] })],
    [
      "an id that is none",
      400,
      "bad-message",
      () => pushing({ protocol: 1, epochSeen: 0, chains: [{ ...chains[0], recordId: "'; DROP" }] }),
    ],
    [
      "too many entries",
      400,
      "bad-message",
      () =>
        pushing({
          protocol: 1,
          epochSeen: 0,
          chains: [{ ...chains[0], entries: Array(limits.pushEntriesMax + 1).fill("{}") }],
        }),
    ],
    ["a protocol of the future", 400, "protocol-version", () => pushing({ protocol: 999, epochSeen: 0, chains })],
    [
      "an epoch that this log has not reached",
      409,
      "epoch-behind",
      () => pushing({ protocol: 1, epochSeen: 99, chains }),
    ],
    ["deep nesting", 400, "too-deep", () => pushing(`{"protocol":1,"epochSeen":0,"chains":${nested(5_000)}}`)],
    ["a body that is too large", 413, "too-large", () => pushing("x".repeat(limits.requestBytesMax + 1))],
    [
      "another media type",
      415,
      "media-type",
      () => pushing("a=1", { headers: { "content-type": "application/x-www-form-urlencoded" } }),
    ],
    ["no sign-in", 401, "sign-in", () => pushing({ protocol: 1, epochSeen: 0, chains }, { token: "nobody.nothing" })],
    [
      "a changed token",
      401,
      "sign-in",
      () => pushing({ protocol: 1, epochSeen: 0, chains }, { token: `x${tablet.token}` }),
    ],
    ["another zone's token", 401, "sign-in", () => pushing({ protocol: 1, epochSeen: 0, chains }, { zone: "care" })],
    [
      "another trust's token",
      401,
      "sign-in",
      () => pushing({ protocol: 1, epochSeen: 0, chains }, { trust: "westvale" }),
    ],
    ["a host that is no cell", 421, "unknown-host", () => pushing({}, { host: "crew.nowhere.localhost" })],
    ["a path that is none", 404, "no-such-route", () => ({ zone: "crew", path: "/sync/v9/push" })],
    [
      "a code that is not known",
      403,
      "unknown-code",
      () => ({
        zone: "crew",
        path: "/identity/v1/enrol",
        body: { protocol: 1, code: "GUESS", deviceId: uuid7(), publicKey: tablet.publicKey, name: "" },
      }),
    ],
    [
      "a device id under another key",
      409,
      "device-taken",
      () => ({
        zone: "crew",
        path: "/identity/v1/enrol",
        body: {
          protocol: 1,
          code: "DEMO-TABLET-1",
          deviceId: tablet.deviceId,
          publicKey: newDevice().publicKey,
          name: "",
        },
      }),
    ],
    [
      "a key that is none",
      400,
      "bad-message",
      () => ({
        zone: "crew",
        path: "/identity/v1/enrol",
        body: { protocol: 1, code: "DEMO-TABLET-1", deviceId: uuid7(), publicKey: { kty: "RSA" }, name: "" },
      }),
    ],
    [
      "too many records in a pull",
      413,
      "too-many-records",
      () => ({
        zone: "crew",
        path: "/sync/v1/pull",
        token: tablet.token,
        body: {
          protocol: 1,
          records: Object.fromEntries(Array.from({ length: 201 }, () => [uuid7(), { epoch: 1, position: 0 }])),
        },
      }),
    ],
    [
      "a push from a place that no chain reaches",
      400,
      "bad-message",
      () => {
        const head = { ...chains[0]!.head, n: chainEntriesMax + 1 };
        return pushing({ protocol: 1, epochSeen: 0, chains: [{ ...chains[0], head }] });
      },
    ],
    [
      "an offer of a chain longer than any",
      400,
      "bad-message",
      () => {
        const heads = [{ deviceId: uuid7(), recordId: uuid7(), n: chainEntriesMax + 1, hash: sha256("{}") }];
        return { zone: "crew", path: "/sync/v1/heads", token: tablet.token, body: { protocol: 1, heads } };
      },
    ],
    [
      "a blob address that is none",
      400,
      "bad-address",
      () => ({ zone: "crew", path: "/blobs/v1/x/y", token: tablet.token }),
    ],
  ];

  test.each(refusals)("%s is %i %s, and costs nobody else", async (_what, status, code, to) => {
    const answer = await call(server, to());
    expect([answer.status, problem.parse(answer.json()).code]).toEqual([status, code]);
    expect(answer.headers["content-type"]).toMatch(/application\/problem\+json/);
    const kept = await push(server, tablet, await runOf(tablet, testChain(), incident));
    expect(kept.answers).toMatchObject([{ answer: "accepted" }]);
  });

  test("a refusal, too, tells a browser to run nothing, frame nothing and guess no type", async () => {
    const { headers } = await call(server, pushing("{oops"));
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["referrer-policy"]).toBe("no-referrer");
  });

  test("a point that is on no curve cannot enrol, and the server goes on", async () => {
    const publicKey = { ...tablet.publicKey, x: "AAAA" };
    const body = { protocol: 1, code: "DEMO-TABLET-1", deviceId: uuid7(), publicKey, name: "" };
    const answer = await call(server, { zone: "crew", path: "/identity/v1/enrol", body });
    expect([answer.status, answer.json().code]).toEqual([400, "bad-key"]);
  });

  test("bytes that are no HTTP end that connection only", async () => {
    await new Promise<void>((resolve) => {
      const socket = connect(server.ports.crew, "127.0.0.1", () => socket.write("\u0000\u0001 nonsense\r\n\r\n"));
      socket.once("close", () => resolve());
      socket.on("error", () => {});
      socket.resume();
    });
    expect((await call(server, { zone: "crew", path: "/healthz" })).status).toBe(200);
  });

  test("an entry that cannot be understood is kept as it came and quarantined; its neighbours are accepted", async () => {
    const chain = testChain();
    const good = await runOf(tablet, chain, incident);
    const poison = { ...good, recordId: uuid7(), entries: ['{"hello": "\\u0000"}'], head: { ...good.head, n: 1 } };
    const answer = await push(server, tablet, poison, good);
    expect(answer.answers.map((each) => each.answer)).toEqual(["quarantined", "accepted"]);
  });

  test("the same id with other bytes is quarantined and raises a security event; the first stays", async () => {
    const id = uuid7();
    const [first, second] = [testChain(), testChain()];
    await push(server, tablet, await runOf(tablet, first, { ...note("first"), id }));
    const answer = await push(server, tablet, await runOf(tablet, second, { ...note("second"), id }));
    expect(answer.answers).toMatchObject([{ answer: "quarantined", code: "id-reused" }]);
    const metrics = (await call(server, { zone: "crew", path: "/metrics" })).text;
    expect(metrics).toMatch(/holdfast_security_events_total\{trust="northmoor",code="id-reused"\} 1/);
    const { lines } = await pull(server, tablet, first.recordId);
    expect(JSON.parse(lines[0].entry).body).toEqual({ text: "first" });
  });

  test("a changed signature is quarantined, and an unknown device's entries too", async () => {
    const run = await runOf(tablet, testChain(), incident);
    const { signature } = run.head;
    const changed = `${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
    const forged = { ...run, head: { ...run.head, signature: changed } };
    expect((await push(server, tablet, forged)).answers).toMatchObject([
      { answer: "quarantined", code: "bad-signature" },
    ]);
    const stranger = { ...tablet, deviceId: uuid7() };
    const strange = await runOf(stranger, testChain(), incident);
    expect((await push(server, tablet, strange)).answers).toMatchObject([
      { answer: "quarantined", code: "unknown-device" },
    ]);
  });

  test("no answer and no metric repeats what was sent", async () => {
    const secret = "DEMO-Marker-Surname";
    const answer = await call(server, pushing({ protocol: 1, epochSeen: 0, chains: [{ [secret]: secret }] }));
    expect(answer.text).not.toContain(secret);
    expect((await call(server, { zone: "crew", path: "/metrics" })).text).not.toContain(secret);
  });
});

describe("limits", () => {
  test("guesses at a device code are counted by address, whatever token each carries", async () => {
    const server = await bootForTest();
    try {
      const guess = (token: string) =>
        call(server, { zone: "crew", path: "/identity/v1/enrol", token, body: { protocol: 1 } });
      let refused = 0;
      for (let round = 0; round < 21; round++) {
        const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => guess(`${round}.${i}`)));
        refused += answers.filter((answer) => answer.status === 429).length;
      }
      expect(refused).toBe(100);
    } finally {
      await server.remove();
    }
  });

  test("beyond its limit of requests a zone answers 503 with Retry-After, and health still answers", async () => {
    const server = await bootForTest({ settings: { HOLDFAST_IN_FLIGHT_MAX: "0" } });
    try {
      const answer = await call(server, { zone: "crew", path: "/sync/v1/pull", body: {} });
      expect([answer.status, answer.json().code, answer.headers["retry-after"]]).toEqual([503, "busy", "2"]);
      expect((await call(server, { zone: "crew", path: "/healthz" })).status).toBe(200);
    } finally {
      await server.remove();
    }
  });
});
