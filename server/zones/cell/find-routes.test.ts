import { hash } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { ReviewRow } from "#protocol/control/reviews.ts";
import type { FindBy, FindResponse } from "#protocol/find.ts";
import type { Access } from "#server/logs/access-line.ts";
import { accessQueries } from "#server/logs/access-queries.ts";
import { bootForTest, call, type TestServer } from "#test/boot.ts";
import { openTestDesk } from "#test/desk.ts";
import {
  alone,
  controlLogOf,
  destination,
  enrolTestDevice,
  incident,
  note,
  pull,
  push,
  runOf,
  sendChunk,
  signInTestPerson,
  southgate,
  type TestDevice,
  testChain,
} from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import { useServer } from "#test/set-up.ts";

const reason = "Patient is in front of me";
const because = { "holdfast-reason": encodeURIComponent(reason) };
const marker = "PLANTED-GLASS";
const harbourScreen = "DEMO-SCREEN-HARBOUR";
let serial = 0;

/** A record of one more patient, written on `tablet` and on its way to Southgate. */
const chart = async (server: TestServer, tablet: TestDevice, more: Record<string, unknown> = {}) => {
  const nhsNumber = `999${String(++serial).padStart(7, "0")}`;
  const chain = testChain();
  const body = { identity: "stated", familyName: "Clárke", givenName: marker, gender: "female", ...more };
  const patient = { kind: "patient", body: { ...body, nhsNumber: { is: nhsNumber } } };
  await push(server, tablet, await runOf(tablet, chain, incident, patient, note(marker), destination(southgate)));
  return { nhsNumber, recordId: chain.recordId, chain };
};

const ask = (server: TestServer, { zone, trust, token }: TestDevice, by: FindBy, headers: object = because) =>
  call(server, { zone, trust, token, path: "/sync/v1/find", body: { protocol: 1, by }, headers: { ...headers } });
const found = async (...asked: Parameters<typeof ask>) => {
  const answer = await ask(...asked);
  if (answer.status !== 200) throw new Error(`the look-up was answered ${answer.status}: ${answer.text}`);
  expect(answer.text).not.toContain(marker);
  return answer.json<FindResponse>().found;
};
const open = (server: TestServer, { zone, trust, token }: TestDevice, recordId: string, headers: object = because) =>
  call(server, {
    zone,
    trust,
    token,
    path: "/sync/v1/pull",
    body: { protocol: 1, records: { [recordId]: { epoch: 0, position: 0 } } },
    headers: { ...headers },
  });
const linesAbout = async (server: TestServer, recordId: string) => {
  const { pools, keyRing } = server.cells.get("northmoor")!;
  return (await accessQueries(pools.control, keyRing).ofRecord(recordId)).lines;
};

describe("a look-up", () => {
  const server = useServer();
  let author: TestDevice;
  let other: TestDevice;
  let nurse: TestDevice;
  beforeAll(async () => {
    author = await enrolTestDevice(server, "crew");
    other = await enrolTestDevice(server, "crew", "DEMO-TABLET-2");
    nurse = await enrolTestDevice(server, "care", harbourScreen);
  });
  /** Whoever looks up here has looked up nothing before: the limit counts people. */
  const somebody = (device: TestDevice, role?: "student" | "hospital-nurse") =>
    signInTestPerson(server, device, { userId: `looks-up-${++serial}`, ...(role && { roles: [role] }) });
  const reviewsOf = async (userId: string): Promise<ReviewRow[]> => {
    const desk = await openTestDesk(server, "n-governor", ["governance"]);
    const { rows } = (await desk.get(`reviews?find=${userId}`)).json<{ rows: ReviewRow[] }>();
    return rows;
  };

  test("by NHS number finds another crew's record, as little of it as it takes to choose, and its line says why", async () => {
    const { nhsNumber, recordId } = await chart(server, author, { birthDate: { is: "1954-03-14" } });
    const [one, ...rest] = await found(server, await somebody(other), { nhsNumber });
    expect(one).toEqual({
      recordId,
      startedAt: expect.any(String),
      callSign: "NM201",
      ageSex: expect.stringMatching(/^\d\d F$/),
      spelling: "same",
      yours: false,
    });
    expect(rest).toEqual([]);
    expect((await linesAbout(server, recordId))[0]).toMatchObject({ action: "find", purpose: "break-glass", reason });
  });

  test("by surname and date of birth takes the date as it is, and the surname as it sounds and says so", async () => {
    const { recordId } = await chart(server, author, { birthDate: { is: "1961-07-02" } });
    const nameless = await chart(server, author, { familyName: undefined, birthDate: { is: "1961-07-02" } });
    const who = await somebody(other);
    const spelt = async (familyName: string, birthDate = "1961-07-02") =>
      (await found(server, who, { familyName, birthDate })).map((each) => [each.recordId, each.spelling]);
    expect(await spelt("CLARKE")).toEqual([[recordId, "same"]]);
    expect(await spelt("Clark")).toEqual([[recordId, "other"]]);
    expect(await spelt("Clarke", "1961-07-20")).toEqual([]);
    expect(await spelt("Nobody")).toEqual([]);
    expect((await spelt("Clarke")).flat()).not.toContain(nameless.recordId);
  });

  test("tells of the newest few, and that there are more", async () => {
    const birthDate = { is: "1970-01-30" };
    const all: string[] = [];
    for (let i = 0; i < 8; i++) all.push((await chart(server, author, { familyName: "Often", birthDate })).recordId);
    const answer = await ask(server, await somebody(other), { familyName: "Often", birthDate: birthDate.is });
    const { found: shown, more } = answer.json<FindResponse>();
    expect([shown.map(({ recordId }) => recordId), more]).toEqual([all.reverse().slice(0, 6), true]);
    // What was not shown to this person is not said to have been.
    expect(await linesAbout(server, all.at(-1)!)).toEqual([]);
  });

  test("is refused in clear words to a student, to a screen by itself, and without a reason", async () => {
    const { nhsNumber } = await chart(server, author);
    const refusals: [TestDevice, object, string][] = [
      [await somebody(other, "student"), because, "not-your-role"],
      [alone(other), because, "person-needed"],
      [alone(nurse), because, "person-needed"],
      [await somebody(other), {}, "reason-needed"],
      [await somebody(nurse), {}, "reason-needed"],
    ];
    for (const [device, headers, code] of refusals) {
      const answer = await ask(server, device, { nhsNumber }, headers);
      expect([answer.status, answer.json().code]).toEqual([403, code]);
    }
  });

  test("finds nothing of another trust", async () => {
    const { nhsNumber } = await chart(server, author);
    const foreign = await enrolTestDevice(server, "crew", "DEMO-TABLET-1", "westvale");
    expect(await found(server, foreign, { nhsNumber })).toEqual([]);
  });

  test("is counted by person: who tries number after number is stopped, and nobody else is", async () => {
    const who = await somebody(other);
    const tried: number[] = [];
    for (let i = 0; i < 14; i++) tried.push((await ask(server, who, { nhsNumber: `99800000${10 + i}` })).status);
    expect(tried).toEqual([...Array.from({ length: 12 }, () => 200), 429, 429]);
    const stopped = await ask(server, who, { nhsNumber: "9980000099" });
    expect(stopped.json()).toMatchObject({ code: "too-many-look-ups" });
    expect(Number(stopped.headers["retry-after"])).toBeGreaterThan(60);
    expect((await ask(server, await somebody(other), { nhsNumber: "9980000010" })).status).toBe(200);
  });

  test("an opening is of one record: a reason opens no two at once, in any zone, and none of them comes", async () => {
    const [one, two] = [await chart(server, author), await chart(server, author)];
    for (const device of [other, nurse]) {
      const who = await somebody(device);
      const records = { [one.recordId]: { epoch: 0, position: 0 }, [two.recordId]: { epoch: 0, position: 0 } };
      const { zone, token } = who;
      const asked = { zone, token, path: "/sync/v1/pull", body: { protocol: 1, records }, headers: because };
      const answer = await call(server, asked);
      expect([answer.status, answer.json().code, answer.text.includes(marker)]).toEqual([400, "one-at-a-time", false]);
      expect((await open(server, who, one.recordId)).text).toContain(marker);
    }
    // The caller's own come with it as ever.
    const mine = await chart(server, other);
    const records = { [one.recordId]: { epoch: 0, position: 0 }, [mine.recordId]: { epoch: 0, position: 0 } };
    const { zone, token } = await somebody(other);
    const both = await call(server, {
      zone,
      token,
      path: "/sync/v1/pull",
      body: { protocol: 1, records },
      headers: because,
    });
    expect(Object.values(both.json().records).every((record) => "lines" in (record as object))).toBe(true);
  });

  test("openings are counted by person, each record once, and who opens one after the other is stopped", async () => {
    const who = await somebody(other);
    const records: string[] = [];
    for (let i = 0; i < 13; i++) records.push((await chart(server, author)).recordId);
    const statuses: number[] = [];
    for (const recordId of [...records.slice(0, 12), records[0]!, records[12]!])
      statuses.push((await open(server, who, recordId)).status);
    expect(statuses).toEqual([...Array.from({ length: 13 }, () => 200), 429]);
    const stopped = await open(server, who, records[12]!);
    expect([stopped.json().code, stopped.text.includes(marker)]).toEqual(["too-many-openings", false]);
    expect((await open(server, await somebody(other), records[12]!)).status).toBe(200);
  });

  test("comes to review by itself, as what it opened if it opened something", async () => {
    const one = await chart(server, author);
    const two = await chart(server, author);
    const who = await somebody(other);
    const userId = `looks-up-${serial}`;
    await found(server, who, { nhsNumber: one.nhsNumber });
    expect(await reviewsOf(userId)).toMatchObject([{ of: "search", found: 1, reason }]);
    await found(server, who, { nhsNumber: two.nhsNumber });
    expect((await open(server, who, two.recordId)).text).toContain(marker);
    await found(server, who, { nhsNumber: "9980000001" });
    const rows = await reviewsOf(userId);
    expect(rows.map((row) => [row.of, row.found ?? row.recordId]).toSorted()).toEqual([
      ["record", two.recordId],
      ["search", 0],
      ["search", 1],
    ]);
  });

  test("for a hospital finds what is not coming there, opens it at once with its files, and a restricted one says so", async () => {
    const { nhsNumber, recordId } = await chart(server, author);
    const file = Buffer.from("PLANTED ECG");
    await sendChunk(server, author, recordId, file);
    await controlLogOf(server).append([{ kind: "record", id: recordId, state: { restricted: "staff" }, by: {} }]);
    const who = await somebody(nurse, "hospital-nurse");
    const userId = `looks-up-${serial}`;
    expect(await pull(server, who, recordId)).toEqual({ refused: "not-in-scope" });
    expect(await found(server, who, { nhsNumber })).toMatchObject([{ recordId, yours: false }]);
    const opened = await open(server, who, recordId);
    expect(opened.json().records[recordId].lines).toHaveLength(4);
    const path = `/blobs/v1/${recordId}/${hash("sha256", file)}`;
    const fetched = (headers: Record<string, string>) =>
      call(server, { zone: "care", method: "GET", path, token: who.token, headers });
    expect([(await fetched(because)).text, (await fetched({})).status]).toEqual([file.toString(), 404]);
    expect(await reviewsOf(userId)).toMatchObject([{ of: "record", recordId, restricted: true, reason }]);
    const made = (await linesAbout(server, recordId)).filter(({ person }) => person?.userId === userId);
    expect(made.map(({ action, purpose, detail }) => [action, purpose, detail])).toEqual([
      ["break-glass", "break-glass", "blob"],
      ["break-glass", "break-glass", "pull"],
      ["find", "break-glass", "by nhs-number"],
    ]);
    // Southgate's own nurse needs no glass for it.
    const here = await somebody(await enrolTestDevice(server, "care"), "hospital-nurse");
    expect(await found(server, here, { nhsNumber })).toMatchObject([{ recordId, yours: true }]);
    // Nobody writes on what they read so: a hospital's answer to it goes by the crew or the site.
    const { answers } = await push(server, who, await runOf(who, testChain(recordId), note("mine")));
    expect(answers).toMatchObject([{ answer: "retry", code: "not-in-scope" }]);
  });

  test("the database gives a hospital nothing hidden before the line of this person, at this screen, about this record", async () => {
    const [one, two] = [await chart(server, author), await chart(server, author)];
    const who = await somebody(nurse);
    const userId = `looks-up-${serial}`;
    const { pools } = server.cells.get("northmoor")!;
    const given = async (recordId: string, deviceId: string, person: string) => {
      const asked = [deviceId, person, [recordId]];
      const counts = await Promise.all([
        pools.care.query("SELECT * FROM heads_behind_glass($1, $2, $3)", asked),
        pools.care.query("SELECT * FROM lines_behind_glass($1, $2, $3, '{0}', 10)", asked),
        pools.care.query("SELECT * FROM keys_behind_glass($1, $2, $3)", asked),
      ]);
      return counts.map(({ rowCount }) => rowCount);
    };
    expect(await given(one.recordId, nurse.deviceId, userId)).toEqual([0, 0, 0]);
    await open(server, who, one.recordId);
    expect(await given(one.recordId, nurse.deviceId, userId)).toEqual([1, 4, 1]);
    expect(await given(two.recordId, nurse.deviceId, userId)).toEqual([0, 0, 0]);
    expect(await given(one.recordId, nurse.deviceId, "somebody-else")).toEqual([0, 0, 0]);
    expect(await given(one.recordId, other.deviceId, userId)).toEqual([0, 0, 0]);
    const owner = server.cells.get("northmoor")!.databaseUrl("owner");
    await sql(owner, "UPDATE access_line SET received = received - interval '2 minutes'");
    expect(await given(one.recordId, nurse.deviceId, userId)).toEqual([0, 0, 0]);
  });

  test("a record that nobody has is not opened for any reason, and leaves nothing to review", async () => {
    const who = await somebody(nurse);
    const { recordId } = testChain();
    expect((await open(server, who, recordId)).json().records[recordId]).toEqual({ refused: "not-in-scope" });
    expect(await linesAbout(server, recordId)).toEqual([]);
  });

  test("when the access log can take nothing, nobody is looked up, and one patient's record still opens for their crew", async () => {
    const { nhsNumber, recordId } = await chart(server, author);
    const crew = await somebody(other);
    const screen = await somebody(nurse);
    const asOwner = (text: string) => sql(server.cells.get("northmoor")!.databaseUrl("owner"), text);
    await asOwner("ALTER TABLE access_line ADD CONSTRAINT no_room CHECK (false) NOT VALID");
    try {
      for (const device of [crew, screen]) {
        const answer = await ask(server, device, { nhsNumber });
        expect([answer.status, answer.text.includes(recordId)]).toEqual([503, false]);
      }
      // The local journal keeps the line of one patient's record. A screen's role cannot see that, so its glass stays whole.
      expect((await open(server, crew, recordId)).text).toContain(marker);
      expect((await open(server, screen, recordId)).text).not.toContain(marker);
    } finally {
      await asOwner("ALTER TABLE access_line DROP CONSTRAINT no_room");
    }
    await server.cells.get("northmoor")!.access.drain();
    expect((await linesAbout(server, recordId)).map(({ action }) => action)).toContain("break-glass");
  });
});

/** What leaves, and what the log has of it, when a look-up and an opening are asked for. */
const leavesWith = async (server: TestServer, device: TestDevice, author: TestDevice) => {
  const { nhsNumber, recordId } = await chart(server, author);
  const answer = await ask(server, device, { nhsNumber });
  const opened = await open(server, device, recordId);
  const mine = (await linesAbout(server, recordId)).filter((line) => line.deviceId === device.deviceId);
  return { found: answer.text.includes(recordId), opened: opened.text.includes(marker), lines: mine.length };
};

describe("what the access line is worth", () => {
  const loggingBut = (action: string) => (log: { write(access: Access, answered?: number): Promise<void> }) => ({
    ...log,
    drain: async () => {},
    write: (access: Access, answered?: number) =>
      action === "nothing" ? Promise.resolve() : log.write(access, answered),
  });

  test.each([
    [
      "every line is written",
      "everything",
      { found: true, opened: true, lines: 2 },
      { found: true, opened: true, lines: 2 },
    ],
    // The control: a tablet's data would leave that no line tells of, and a hospital's stays where it is even then.
    [
      "control: no line is written",
      "nothing",
      { found: true, opened: true, lines: 0 },
      { found: false, opened: false, lines: 0 },
    ],
  ])("%s", async (_what, action, ofCrew, ofHospital) => {
    const server = await bootForTest({ accessLog: loggingBut(action) });
    try {
      const author = await enrolTestDevice(server, "crew");
      const tablet = await enrolTestDevice(server, "crew", "DEMO-TABLET-2");
      const screen = await enrolTestDevice(server, "care", harbourScreen);
      expect(await leavesWith(server, tablet, author)).toEqual(ofCrew);
      expect(await leavesWith(server, screen, author)).toEqual(ofHospital);
    } finally {
      await server.remove();
    }
  });
});
