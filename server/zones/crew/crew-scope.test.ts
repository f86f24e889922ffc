import { beforeAll, describe, expect, test } from "vitest";
import { base64url } from "#client/bytes.ts";
import { createInboxSealer } from "#client/inbox.ts";
import type { FindResponse } from "#protocol/find.ts";
import { inboxAbout } from "#protocol/push.ts";
import { call } from "#test/boot.ts";
import { openTestDesk } from "#test/desk.ts";
import {
  controlLogOf,
  destination,
  enrolTestDevice,
  incident,
  note,
  pull,
  push,
  runOf,
  signInTestPerson,
  southgate,
  type TestDevice,
  type TestDraft,
  testChain,
} from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import { useServer } from "#test/set-up.ts";

/** docs/decisions/0013-a-crew-reads-its-own-shift.md, the scope of a tablet. */

const server = useServer();
const refused = { refused: "not-in-scope" };
const nhsNumber = "9990000018";
let author: TestDevice;
let other: TestDevice;
let third: TestDevice;
let serial = 0;
beforeAll(async () => {
  author = await enrolTestDevice(server, "crew");
  other = await enrolTestDevice(server, "crew", "DEMO-TABLET-2");
  third = await enrolTestDevice(server, "crew", "DEMO-TABLET-3");
});

const cell = () => server.cells.get("northmoor")!;
const asOwner = (text: string, values?: unknown[]) => sql(cell().databaseUrl("owner"), text, values);
const member = (userId: string) => ({ userId, name: `Testcase ${userId}`, role: "Paramedic", signIn: "pin" });
const by = (userId: string, draft: TestDraft): TestDraft => ({ ...draft, author: member(userId) });
const withCrew = (...userIds: string[]): TestDraft => ({
  ...incident,
  body: { ...incident.body, crew: userIds.map(member) },
});
/** Somebody who is named nowhere, on this tablet. */
const stranger = (device: TestDevice, more: Parameters<typeof signInTestPerson>[2] = {}) =>
  signInTestPerson(server, device, { userId: `stranger-${++serial}`, ...more });
const userIdNow = () => `stranger-${serial}`;

/** A record that the crew `n-lead` and `n-second` began on the author's tablet. */
const begin = async () => {
  const chain = testChain();
  const patient = { kind: "patient", body: { identity: "stated", nhsNumber: { is: nhsNumber } } };
  await push(server, author, await runOf(author, chain, by("n-lead", withCrew("n-lead", "n-second")), patient));
  return chain;
};
const writeInto = async (device: TestDevice, recordId: string, ...drafts: TestDraft[]) => {
  const run = await runOf(device, testChain(recordId), ...drafts);
  const { answers } = await push(server, device, run);
  expect(answers.map(({ answer }) => answer)).toEqual(drafts.map(() => "accepted"));
  return run;
};
const openFor = (device: TestDevice, recordId: string, reason = "In front of me") =>
  call(server, {
    zone: "crew",
    token: device.token,
    path: "/sync/v1/pull",
    body: { protocol: 1, records: { [recordId]: { epoch: 0, position: 0 } } },
    headers: { "holdfast-reason": encodeURIComponent(reason) },
  });
const restrict = async (recordId: string) => {
  await controlLogOf(server).append([{ kind: "record", id: recordId, state: { restricted: "vip" }, by: {} }]);
  await expect.poll(() => cell().restricted.has(recordId)).toBe(true);
};
const reviewsOf = async (userId: string): Promise<{ recordId?: string }[]> =>
  (await (await openTestDesk(server, "n-governor", ["governance"])).get(`reviews?find=${userId}`)).json().rows;

describe("who writes into a stranger's record", () => {
  test("does not read it by that, and is in the desk's queue once they say why", async () => {
    const { recordId } = await begin();
    await restrict(recordId);
    const nosy = await stranger(other);
    const userId = userIdNow();
    expect(await pull(server, nosy, recordId)).toEqual(refused);
    const looked = await call(server, {
      zone: "crew",
      token: nosy.token,
      path: "/sync/v1/find",
      body: { protocol: 1, by: { nhsNumber } },
      headers: { "holdfast-reason": "Curious" },
    });
    expect(looked.json<FindResponse>().found).toContainEqual(expect.objectContaining({ recordId, yours: false }));
    await writeInto(nosy, recordId, by(userId, note("x")));
    expect(await pull(server, nosy, recordId)).toEqual(refused);
    expect((await openFor(nosy, recordId)).json().records[recordId].lines).toHaveLength(3);
    expect(await reviewsOf(userId)).toContainEqual(expect.objectContaining({ of: "record", recordId }));
  });

  test("does not as a student either, who breaks no glass", async () => {
    const { recordId } = await begin();
    const student = await stranger(other, { roles: ["student"] });
    await writeInto(student, recordId, by(userIdNow(), note("x")));
    expect(await pull(server, student, recordId)).toEqual(refused);
    expect((await openFor(student, recordId)).json().records[recordId]).toEqual(refused);
  });

  test.each<[string, (userId: string) => TestDraft]>([
    ["by naming themselves as crew", (userId) => by(userId, withCrew(userId))],
    ["in the name of the crew", () => by("n-lead", note("x"))],
    ["by naming themselves in the name of the crew", (userId) => by("n-lead", withCrew("n-lead", userId))],
  ])("makes it theirs neither %s", async (_what, draft) => {
    const { recordId } = await begin();
    const nosy = await stranger(other);
    await writeInto(nosy, recordId, draft(userIdNow()));
    expect(await pull(server, nosy, recordId)).toEqual(refused);
  });

  test("makes it nobody's who carries that for them", async () => {
    const { recordId } = await begin();
    const nosy = await stranger(other);
    const run = await writeInto(nosy, recordId, by(userIdNow(), note("x")));
    const accomplice = await stranger(third);
    await push(server, accomplice, run);
    expect(await pull(server, accomplice, recordId)).toEqual(refused);
  });
});

describe("a crew that joins a stranger's record for a reason", () => {
  const joined = async () => {
    const chain = await begin();
    const { recordId } = chain;
    const who = await stranger(other);
    expect((await openFor(who, recordId)).json().records[recordId].lines).toHaveLength(2);
    // Opened to read is opened once.
    expect(await pull(server, who, recordId)).toEqual(refused);
    await writeInto(who, recordId, by(userIdNow(), { kind: "event", body: { event: "joined" } }));
    return { chain, recordId, who };
  };

  test("goes on without saying it again, and is reviewed as one opening", async () => {
    const { chain, recordId, who } = await joined();
    const userId = userIdNow();
    await push(server, author, await runOf(author, chain, note("after they joined")));
    expect((await pull(server, who, recordId)).lines).toHaveLength(4);
    expect(await reviewsOf(userId)).toHaveLength(1);
  });

  test("goes on for that person alone, on that tablet, and for that shift", async () => {
    const { recordId, who } = await joined();
    const userId = userIdNow();
    const elsewhere = await signInTestPerson(server, third, { userId });
    expect(await pull(server, await stranger(other), recordId)).toEqual(refused);
    expect(await pull(server, elsewhere, recordId)).toEqual(refused);
    const aged = "UPDATE access_line SET received = received - interval '15 hours' WHERE user_id = $1";
    await asOwner(aged, [userId]);
    expect(await pull(server, who, recordId)).toEqual(refused);
    await asOwner("UPDATE access_line SET received = received + interval '15 hours' WHERE user_id = $1", [userId]);
    expect((await pull(server, who, recordId)).lines).toHaveLength(3);
  });

  test("says it each time of a restricted record", async () => {
    const { recordId, who } = await joined();
    await restrict(recordId);
    expect(await pull(server, who, recordId)).toEqual(refused);
    expect((await openFor(who, recordId)).json().records[recordId].lines).toHaveLength(3);
  });
});

describe("without a reason", () => {
  test("whoever takes over the tablet that began it reads on, a student too", async () => {
    const { recordId } = await begin();
    await restrict(recordId);
    expect((await pull(server, await stranger(author), recordId)).lines).toHaveLength(2);
    expect((await pull(server, await stranger(author, { roles: ["student"] }), recordId)).lines).toHaveLength(2);
  });

  test("a second crew that the incident names reads, and once it has, its whole tablet goes on", async () => {
    const { recordId } = await begin();
    const second = await signInTestPerson(server, other, { userId: "n-second" });
    const crewmate = await stranger(other);
    expect(await pull(server, crewmate, recordId)).toEqual(refused);
    expect((await pull(server, second, recordId)).lines).toHaveLength(2);
    await writeInto(second, recordId, by("n-second", withCrew("n-second", "n-third")));
    expect((await pull(server, crewmate, recordId)).lines).toHaveLength(3);
    // Whom they name there is of the crew as well.
    const named = await signInTestPerson(server, third, { userId: "n-third" });
    expect((await pull(server, named, recordId)).lines).toHaveLength(3);
  });

  test("a tablet that took another's place this shift goes on for who wrote on that one", async () => {
    const chain = await begin();
    await push(server, author, await runOf(author, chain, by("n-relief", note("took over"))));
    const relief = await signInTestPerson(server, other, { userId: "n-relief" });
    expect((await pull(server, relief, chain.recordId)).lines).toHaveLength(3);
  });

  test("a tablet that brings in what the crew wrote reads, and one that brings it in sealed does not", async () => {
    const chain = testChain();
    const { recordId } = chain;
    const run = await runOf(author, chain, incident, note("by the crew"));
    const sealer = await createInboxSealer(cell().inbox.publicKey);
    const label = inboxAbout(run.deviceId, recordId);
    const entries = await Promise.all(run.entries.map(async (text) => base64url(await sealer.seal(label, text))));
    const carrier = await stranger(third);
    const { answers } = await push(server, carrier, { ...run, entries, sealed: true });
    expect(answers.map(({ answer }) => answer)).toEqual(["accepted", "accepted"]);
    expect(await pull(server, carrier, recordId)).toEqual(refused);
    await push(server, carrier, run);
    expect((await pull(server, carrier, recordId)).lines).toHaveLength(2);
  });

  test("the crew reads on when after a restore a hospital's answer was there before its own entries", async () => {
    const chain = testChain();
    const screen = await enrolTestDevice(server, "care");
    const first = await runOf(author, chain, by("n-lead", withCrew("n-lead")), destination(southgate));
    await writeInto(screen, chain.recordId, note("seen at the door"));
    await push(server, author, first);
    expect((await pull(server, author, chain.recordId)).lines).toHaveLength(3);
  });
});
