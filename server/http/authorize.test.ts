import Fastify from "fastify";
import { beforeAll, describe, expect, test } from "vitest";
import type { AccessLine } from "#server/logs/access-line.ts";
import { accessQueries } from "#server/logs/access-queries.ts";
import { call } from "#test/boot.ts";
import { openTestDesk } from "#test/desk.ts";
import {
  alone,
  controlLogOf,
  destination,
  enrolTestDevice,
  harbour,
  incident,
  note,
  pull,
  push,
  runOf,
  signInTestPerson,
  southgate,
  type TestDevice,
  testChain,
} from "#test/devices.ts";
import { marker, type PlantedRecord, plantRecord } from "#test/route-probes.ts";
import { useServer } from "#test/set-up.ts";
import { declareActions } from "./authorize.ts";

test("a route that declares no action is refused as it is made, and one that declares one is kept", () => {
  const app = Fastify();
  const routes = declareActions(app);
  expect(() => app.get("/forgotten", async () => "")).toThrow("GET /forgotten declares no action");
  expect(() => app.get("/health", { config: { action: "public" } }, async () => "")).not.toThrow();
  expect(routes).toContainEqual({ method: "GET", url: "/health", action: "public" });
});

describe("over the wire", () => {
  const server = useServer();
  let planted: PlantedRecord;
  let other: TestDevice;
  beforeAll(async () => {
    planted = await plantRecord(server);
    other = await enrolTestDevice(server, "crew", "DEMO-TABLET-2");
  });

  const cell = () => server.cells.get("northmoor")!;
  const linesOf = async ({ deviceId }: TestDevice): Promise<AccessLine[]> => {
    const { pools, keyRing } = cell();
    const hour = 3_600_000;
    const [from, to] = [new Date(Date.now() - hour), new Date(Date.now() + hour)];
    return (await accessQueries(pools.control, keyRing).touched({ deviceId }, from, to)).lines;
  };
  const pullFor = (device: TestDevice, reason?: string) =>
    call(server, {
      zone: device.zone,
      path: "/sync/v1/pull",
      token: device.token,
      body: { protocol: 1, records: { [planted.recordId]: { epoch: 0, position: 0 } } },
      ...(reason !== undefined && { headers: { "holdfast-reason": encodeURIComponent(reason) } }),
    });

  test("another crew's record is not in scope, and opens at once for a reason, which is kept and reviewed", async () => {
    expect(await pull(server, other, planted.recordId)).toEqual({ refused: "not-in-scope" });
    const refused = (await linesOf(other)).find(({ action }) => action === "refused");
    expect(refused).toMatchObject({ recordIds: [planted.recordId], detail: "read-record reason-needed" });
    const reason = "Took over on the motorway – père & fils";
    expect((await pullFor(other, reason)).text).toContain(marker);
    const line = (await linesOf(other)).find(({ action }) => action === "break-glass");
    expect(line).toMatchObject({
      detail: "pull",
      purpose: "break-glass",
      relation: "own-trust",
      reason,
      recordIds: [planted.recordId],
    });
    const governance = await openTestDesk(server, "n-governor", ["governance"]);
    const { rows } = (await governance.get("reviews")).json<{ rows: { recordId?: string; reason: string }[] }>();
    expect(rows).toContainEqual(expect.objectContaining({ recordId: planted.recordId, reason }));
  });

  test("a refused record that is asked for again and again is noted once", async () => {
    const tablet = await enrolTestDevice(server, "crew", "DEMO-TABLET-4");
    for (let round = 0; round < 3; round++) await pull(server, tablet, planted.recordId);
    expect((await linesOf(tablet)).filter(({ action }) => action === "refused")).toHaveLength(1);
  });

  test("a student breaks no glass, and a reason that says nothing is told so", async () => {
    const student = await signInTestPerson(server, other, { roles: ["student"], userId: "test-student" });
    expect((await pullFor(student, "Curious about it")).json().records[planted.recordId]).toEqual({
      refused: "not-in-scope",
    });
    const empty = await pullFor(other, "x");
    expect([empty.status, empty.json().code]).toEqual([400, "bad-reason"]);
  });

  test("who takes part in a record reads it: on another tablet, the person; after carrying it, the tablet", async () => {
    const colleague = { userId: "n-crewmate", name: "Testcase Crewmate" };
    const chain = testChain();
    const named = {
      ...incident,
      body: { ...incident.body, crew: [{ ...colleague, role: "Paramedic", signIn: "pin" }] },
    };
    const run = await runOf(planted.tablet, chain, named, note(marker));
    await push(server, planted.tablet, run);
    const there = await signInTestPerson(server, other, colleague);
    expect((await pull(server, there, chain.recordId)).lines).toHaveLength(2);
    const carrier = await enrolTestDevice(server, "crew", "DEMO-TABLET-5");
    expect(await pull(server, carrier, chain.recordId)).toEqual({ refused: "not-in-scope" });
    await push(server, carrier, run);
    expect((await pull(server, carrier, chain.recordId)).lines).toHaveLength(2);
  });

  test("what nobody signed makes nobody an author: a tablet whose entry is quarantined reads nothing", async () => {
    const intruder = await enrolTestDevice(server, "crew", "DEMO-TABLET-6");
    const run = await runOf(intruder, testChain(planted.recordId), note("let me in"));
    const forged = { ...run, head: { ...run.head, signature: "A".repeat(86) } };
    const { answers } = await push(server, intruder, forged);
    expect(answers[0]?.answer).not.toBe("accepted");
    expect(await pull(server, intruder, planted.recordId)).toEqual({ refused: "not-in-scope" });
  });

  test("a screen with nobody signed in shows its board without names, and opens nobody", async () => {
    const screen = await enrolTestDevice(server, "care");
    const board = (token: string) => call(server, { zone: "care", path: "/arrivals/v1", token });
    const names = async (token: string): Promise<unknown[]> =>
      (await board(token)).json().arrivals.map((row: { name?: string }) => row.name?.includes(marker));
    expect(await names(screen.token)).toContain(true);
    const wall = await board(alone(screen).token);
    expect([wall.status, wall.json().arrivals.length > 0, wall.text.includes(marker)]).toEqual([200, true, false]);
    const opened = await pullFor(alone(screen));
    expect([opened.status, opened.json().code]).toEqual([403, "person-needed"]);
  });

  test("a restricted record asks for a reason where the patient no longer comes to, and not where they do", async () => {
    const chain = testChain();
    await push(server, planted.tablet, await runOf(planted.tablet, chain, incident, destination(harbour)));
    await push(server, planted.tablet, await runOf(planted.tablet, chain, destination(southgate)));
    const [here, before] = [
      await enrolTestDevice(server, "care"),
      await enrolTestDevice(server, "care", "DEMO-SCREEN-HARBOUR"),
    ];
    const page = (device: TestDevice, headers = {}) =>
      call(server, { zone: "care", path: `/records/v1/${chain.recordId}/page.pdf`, token: device.token, headers });
    expect([(await page(here)).status, (await page(before)).status]).toEqual([200, 200]);
    const log = controlLogOf(server);
    await log.append([{ kind: "record", id: chain.recordId, state: { restricted: "staff" }, by: {} }]);
    await expect.poll(async () => (await page(before)).json().code).toBe("reason-needed");
    expect((await page(here)).status).toBe(200);
    expect((await page(before, { "holdfast-reason": "Checks%20the%20diversion" })).status).toBe(200);
    expect((await linesOf(before)).find(({ reason }) => reason === "Checks the diversion")).toBeDefined();
  });
});
