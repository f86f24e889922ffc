import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type TimelineFilter, type TimelineLine, timeline } from "#server/timeline/timeline.ts";
import { verifyTrust } from "#server/verify/verify.ts";
import { bootForTest, type TestServer } from "./boot.ts";
import { openTestDesk, type TestDesk } from "./desk.ts";
import {
  enrolTestDevice,
  incident,
  note,
  pull,
  push,
  runOf,
  signInTestPerson,
  type TestDevice,
  type TestDraft,
  testChain,
} from "./devices.ts";
import { expectWronglyCalled, runHoldfast } from "./holdfast.ts";
import { inDatabase, postgresVersions, sql, startTestPostgres } from "./postgres.ts";

const by = (userId: string, draft: TestDraft): TestDraft => ({
  ...draft,
  author: { userId, name: `Name of ${userId}`, role: "Paramedic", signIn: "pin" },
});
const planted = ["PLANTED-NAME", "PLANTED-NOTE", "PLANTED-REASON", "Name of p-one", "Name of p-two"];
const patient: TestDraft = {
  kind: "patient",
  body: { identity: "stated", givenName: "PLANTED-NAME", familyName: "PLANTED-NAME" },
};
const [one, two] = [testChain(), testChain()];

let postgres: Awaited<ReturnType<typeof startTestPostgres>>;
let server: TestServer;
let tabletA: TestDevice;
let tabletB: TestDevice;
let desk: TestDesk;
let superuser: string;

beforeAll(async () => {
  postgres = await startTestPostgres(postgresVersions[0]!);
  server = await bootForTest({ databaseUrl: postgres.url });
  superuser = inDatabase(postgres.url);
  tabletA = await signInTestPerson(server, await enrolTestDevice(server, "crew"), { userId: "p-one" });
  tabletB = await signInTestPerson(server, await enrolTestDevice(server, "crew"), { userId: "p-two" });
  await push(server, tabletA, await runOf(tabletA, one, by("p-one", incident), by("p-one", patient)));
  await pull(server, tabletA, one.recordId);
  vi.spyOn(Date, "now").mockReturnValue(Date.parse("2091-05-01T12:00:00Z"));
  const ahead = await runOf(tabletB, two, by("p-two", incident), by("p-two", note("PLANTED-NOTE")));
  vi.restoreAllMocks();
  await push(server, tabletB, ahead);
  await pull(server, tabletB, two.recordId);
  const governance = await openTestDesk(server, "g-three", ["governance"]);
  expect((await governance.get("devices")).status).toBe(403);
  desk = await openTestDesk(server, "s-four", ["security"]);
  const { rows } = (await desk.get(`devices?search=${tabletB.deviceId}`)).json<{
    rows: { deviceId: string; position: number }[];
  }>();
  const { position: expected } = rows.find(({ deviceId }) => deviceId === tabletB.deviceId)!;
  const lost = { state: "lost", reason: "PLANTED-REASON", expected };
  expect((await desk.post(`devices/${tabletB.deviceId}`, lost)).status).toBe(200);
});
afterAll(async () => {
  await server?.remove();
  await postgres?.stop();
});

const run = (...args: string[]) =>
  runHoldfast(["timeline", ...args], { HOLDFAST_DATA: server.dataDirectory, DATABASE_URL: postgres.url });
const byCommand = async (...args: string[]): Promise<TimelineLine[]> => {
  const { out } = await run("--trust", "northmoor", "--json", ...args);
  return out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
};
const linesOf = async (filter: TimelineFilter = {}): Promise<TimelineLine[]> => {
  const { databaseUrl, keyRing } = server.cells.get("northmoor")!;
  const lines: TimelineLine[] = [];
  for await (const line of timeline({ url: databaseUrl("archive"), keyRing, filter })) lines.push(line);
  return lines;
};
const placeOf = ({ log, position }: TimelineLine): string => `${log} ${position}`;

describe("holdfast timeline", () => {
  test("unites the three logs: who, by which device, on which record, what, and whether it was allowed", async () => {
    const lines = await linesOf();
    expect(new Set(lines.map(({ log }) => log))).toEqual(new Set(["care", "access", "control"]));
    const counts = await sql<{ n: number }>(superuser, "SELECT sum(position)::int AS n FROM log_head");
    expect(lines).toHaveLength(counts[0]!.n);
    const times = lines.map(({ received }) => received);
    expect(times).toEqual(times.toSorted());
    for (const log of ["care", "access", "control"]) {
      const positions = lines.filter((line) => line.log === log).map(({ position }) => position);
      expect(positions).toEqual(positions.map((_, i) => i + 1));
    }
    const tablet = { person: "p-one", device: tabletA.deviceId, records: [one.recordId], fault: null };
    expect(lines).toContainEqual(expect.objectContaining({ ...tablet, log: "care", words: "wrote entry 2 (patient)" }));
    expect(lines).toContainEqual(
      expect.objectContaining({ ...tablet, log: "access", zone: "crew", words: "had records sent, for direct-care" }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({
        log: "access",
        person: "g-three",
        outcome: "refused",
        words: "was refused: manage-devices not-your-role, for governance",
      }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({
        log: "control",
        person: "s-four",
        device: desk.device.deviceId,
        subject: { kind: "device", id: tabletB.deviceId },
        words: `set device ${tabletB.deviceId}: lost`,
      }),
    );
  });

  test("lists what one device, one person and one record had to do with, and no other", async () => {
    const all = await linesOf();
    const ofB = await linesOf({ device: tabletB.deviceId });
    expect(ofB.map(placeOf)).toEqual(
      all.filter(({ device, subject }) => device === tabletB.deviceId || subject?.id === tabletB.deviceId).map(placeOf),
    );
    expect(new Set(ofB.map(({ log }) => log))).toEqual(new Set(["care", "access", "control"]));
    expect(ofB.some(({ device, words }) => device === desk.device.deviceId && words.endsWith(": lost"))).toBe(true);
    const ofOne = await linesOf({ account: "p-one" });
    expect(ofOne.length).toBeGreaterThan(2);
    expect(new Set(ofOne.map(({ person }) => person))).toEqual(new Set(["p-one"]));
    const ofRecord = await linesOf({ record: two.recordId });
    expect(ofRecord.length).toBeGreaterThan(2);
    for (const { records } of ofRecord) expect(records).toContain(two.recordId);
    expect(await linesOf({ record: one.recordId, account: "p-two" })).toEqual([]);
  });

  test("a device's clock that is years ahead is shown, and orders nothing; a line counts by both times", async () => {
    const ahead = await linesOf({ fromMs: Date.UTC(2091, 0), toMs: Date.UTC(2092, 0) });
    expect(ahead.map(({ claimed, log }) => [log, claimed])).toEqual([
      ["care", "2091-05-01T12:00:00.000Z"],
      ["care", "2091-05-01T12:00:00.000Z"],
    ]);
    const all = await linesOf();
    const places = all.map(placeOf);
    expect(places.indexOf(placeOf(ahead[1]!))).toBeLessThan(places.length - 3);
    const { received } = ahead[0]!;
    const to = await linesOf({ toMs: Date.parse(received) });
    expect(to.every((line) => line.received < received)).toBe(true);
    const from = await linesOf({ fromMs: Date.parse(received) });
    expect(to.length + from.length).toBe(all.length);
  });

  test("names no patient and says no clinical word, though the record holds them", async () => {
    const held = await pull(server, tabletA, one.recordId);
    expect(JSON.stringify(held)).toContain("PLANTED-NAME");
    for (const format of [["--json"], []]) {
      const { out, told, code } = await run("--trust", "northmoor", ...format);
      expect(code).toBe(0);
      expect(out).toContain(one.recordId);
      for (const word of planted) expect(out + told).not.toContain(word);
    }
  });

  test("takes the filters and times with any zone as options, and prints what was asked as JSON lines", async () => {
    const filter = { device: tabletB.deviceId, account: "p-two", record: two.recordId };
    const [fromMs, toMs] = [Date.UTC(2091, 4, 1, 12), Date.UTC(2091, 4, 1, 13)];
    const times = ["--from", "2091-05-01T13:00+01:00", "--to", "2091-05-01T13:00:00.000Z"];
    const ids = ["--device", filter.device.toUpperCase(), "--account", "p-two", "--record", two.recordId.toUpperCase()];
    const listed = await byCommand(...ids, ...times);
    expect(listed).toHaveLength(2);
    expect(listed).toEqual(await linesOf({ ...filter, fromMs, toMs }));
  });

  test("prints a table with a line for each", async () => {
    const { out } = await run("--trust", "northmoor", "--account", "g-three");
    const [head, line] = out.split("\n");
    expect(head).toMatch(/^RECEIVED +CLAIMED +ORDER +LOG AND LINE +OUTCOME +PERSON +DEVICE +ZONE +RECORDS +WHAT$/);
    expect(line).toMatch(/^20\S+Z +- +received +access \d+ +refused +g-three +\S+ +control +- +was refused: /);
  });

  test.each([
    [[]],
    [["--trust", "nowhere"]],
    [["--trust", "northmoor", "--from", "2026-03-01T18:00"]],
    [["--trust", "northmoor", "--to", "yesterday"]],
    [["--trust", "northmoor", "--patient", "x"]],
  ])("%j is wrongly called: 2", async (args) => {
    await expectWronglyCalled(["timeline", ...args]);
  });

  test("lists lines that were damaged, as such, and all the others; a time of receipt that cannot be goes by position", async () => {
    const all = await linesOf();
    for (const log of ["care", "access", "control"])
      await sql(
        superuser,
        `UPDATE ${log}_line SET sealed = set_byte(sealed, 40, get_byte(sealed, 40) # 1) WHERE position = 2`,
      );
    await sql(superuser, "UPDATE access_line SET received = received + interval '50 years' WHERE position = 3");
    await sql(superuser, "UPDATE control_line SET received = 'infinity' WHERE position = 3");
    const damaged = await linesOf();
    expect(damaged.map(placeOf).toSorted()).toEqual(all.map(placeOf).toSorted());
    expect(
      damaged
        .filter(({ fault }) => fault !== null)
        .map(placeOf)
        .toSorted(),
    ).toEqual(["access 2", "care 2", "control 2"]);
    expect(damaged.find((line) => placeOf(line) === "care 2")).toMatchObject({
      person: null,
      device: tabletA.deviceId,
      records: [one.recordId],
      outcome: "unknown",
      words: "cannot be opened",
    });
    for (const place of ["access 3", "control 3"]) {
      const moved = damaged.findIndex((line) => placeOf(line) === place);
      expect(damaged[moved]!.orderedBy).toBe("position");
      expect(moved).toBeLessThan(damaged.length - 3);
    }
    // Nor does a time that is none end the proof.
    const { databaseUrl, keyRing } = server.cells.get("northmoor")!;
    const about = { trust: "northmoor", url: databaseUrl("archive"), keyRing, logKeys: [], witnesses: [] };
    const proof = await verifyTrust(about);
    expect(proof.logs.map(({ problems }) => problems.map(({ kind, from }) => [kind, from]))).toEqual(
      [0, 1, 2].map(() => [["changed", 2]]),
    );
    // Whose it was, nobody knows.
    expect((await linesOf({ account: "p-one" })).map(placeOf)).toContain("care 2");
    const { code, out, told } = await run("--trust", "northmoor");
    expect(code).toBe(1);
    expect(out.split("\n").filter((line) => line.includes("! cannot be opened: "))).toHaveLength(3);
    expect(told).toContain("3 of these lines are not as they were stored");
  });
});
