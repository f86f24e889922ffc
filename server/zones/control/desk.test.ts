import { beforeAll, describe, expect, test, vi } from "vitest";
import type { DeviceRow } from "#protocol/control/devices.ts";
import type { Page } from "#protocol/control/page.ts";
import type { PersonRow } from "#protocol/control/people.ts";
import type { ReviewRow } from "#protocol/control/reviews.ts";
import type { SessionRow } from "#protocol/control/sessions.ts";
import type { SettingRow } from "#protocol/control/settings.ts";
import { hashOfCode } from "#server/identity/codes.ts";
import { accessQueries } from "#server/logs/access-queries.ts";
import { call } from "#test/boot.ts";
import { openTestDesk, type TestDesk } from "#test/desk.ts";
import {
  controlLogOf,
  destination,
  enrolTestDevice,
  incident,
  pull,
  push,
  runOf,
  southgate,
  testChain,
} from "#test/devices.ts";
import { useServer } from "#test/set-up.ts";

const server = useServer();
let security: TestDesk;
let configuration: TestDesk;
let governance: TestDesk;
beforeAll(async () => {
  security = await openTestDesk(server, "n-kerr", ["security"]);
  configuration = await openTestDesk(server, "n-voss", ["configuration"]);
  governance = await openTestDesk(server, "n-banda", ["governance"]);
});

const cell = () => server.cells.get("northmoor")!;
const controlLog = () => controlLogOf(server);
const accessesOf = async (userId: string) => {
  const hour = 3_600_000;
  const [from, to] = [new Date(Date.now() - hour), new Date(Date.now() + hour)];
  return (await accessQueries(cell().pools.control, cell().keyRing).touched({ userId }, from, to)).lines;
};
const rowsOf = async <Row>(desk: TestDesk, path: string): Promise<Row[]> => {
  const answer = await desk.get(path);
  expect([answer.status, answer.text.slice(0, 200)]).toEqual([200, expect.any(String)]);
  return answer.json<Page<Row>>().rows;
};
const deviceRow = async (deviceId: string): Promise<DeviceRow> =>
  (await rowsOf<DeviceRow>(security, `devices?find=${deviceId}`))[0]!;

describe("devices", () => {
  test("a stolen tablet reads nothing more, and what it pushes waits until somebody releases it", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const chain = testChain();
    await push(server, tablet, await runOf(tablet, chain, incident));
    const { position } = await deviceRow(tablet.deviceId);
    const stolen = { state: "stolen", reason: "Taken from the vehicle", expected: position };
    expect((await security.post(`devices/${tablet.deviceId}`, stolen)).status).toBe(200);
    await expect
      .poll(() => pull(server, tablet, chain.recordId).then(() => "read", String))
      .toMatch(/pull answered 40[13]/);

    await push(server, tablet, await runOf(tablet, chain, destination(southgate)));
    const revoked = await deviceRow(tablet.deviceId);
    expect(revoked).toMatchObject({ state: "stolen", waiting: 1 });
    const release = { reason: "Seen with the crew who wrote it", expected: revoked.position };
    const released = await security.post(`devices/${tablet.deviceId}/release`, release);
    expect([released.status, released.json()]).toEqual([200, { released: 1, left: {} }]);
    expect((await deviceRow(tablet.deviceId)).waiting).toBe(0);

    const { lines } = (await security.get(`devices/${tablet.deviceId}/history`)).json();
    expect(lines).toMatchObject([
      { by: "Alan Kerr", reason: release.reason, fields: [{ field: "releasedAt" }] },
      { by: "Alan Kerr", reason: stolen.reason, fields: [{ field: "state", before: "active", after: "stolen" }] },
      { by: expect.stringContaining("the device") },
    ]);
    expect(JSON.stringify(lines)).not.toContain(tablet.publicKey.x);
  });

  test("a change from an older state is refused, and shows that somebody was first", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const { position } = await deviceRow(tablet.deviceId);
    const change = (state: string) =>
      security.post(`devices/${tablet.deviceId}`, { state, reason: "Not found", expected: position });
    const both = await Promise.all([change("lost"), change("retired")]);
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
    expect(both.find(({ status }) => status === 409)?.json().code).toBe("changed-meanwhile");
  });

  test("a new code is told once, enrols one device, and only its hash is kept", async () => {
    const asked = { zone: "crew", deviceName: "Tablet 417", hours: 24 };
    const { code } = (await security.post("codes", asked)).json();
    expect(code).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    const kept = await controlLog().find("enrolment-code", hashOfCode(code));
    expect(JSON.stringify(kept)).not.toContain(code);
    const enrolled = await enrolTestDevice(server, "crew", code);
    expect(await deviceRow(enrolled.deviceId)).toMatchObject({ name: "Tablet 417", state: "active" });
    await expect(enrolTestDevice(server, "crew", code)).rejects.toThrow("40");
    expect((await security.post("codes", { ...asked, zone: "care" })).json().code).toBe("site");
  });

  test("are sorted, searched and paged here", async () => {
    const names = async (query: string) =>
      (await rowsOf<DeviceRow>(security, `devices?${query}`)).map((row) => row.name);
    const ascending = await names("sort=name&find=Desk");
    expect(ascending.length).toBeGreaterThan(2);
    expect(await names("sort=name&order=descending&find=Desk")).toEqual(ascending.toReversed());
    expect((await security.get("devices?sort=publicKey")).json().code).toBe("no-such-column");
    expect((await security.get("devices?page=0")).status).toBe(400);
  });
});

describe("people", () => {
  const person = { userId: "n-new", name: "Testcase Newcomer", staffNumber: "NM9001", roles: ["paramedic"] };
  const rowOf = async (userId: string) => (await rowsOf<PersonRow>(configuration, `people?find=${userId}`))[0]!;

  test("one is added, given another role, and ended; each with who and why", async () => {
    expect((await configuration.post("people", { ...person, reason: "Joined the trust" })).status).toBe(200);
    expect((await configuration.post("people", { ...person, reason: "Once more" })).json().code).toBe(
      "changed-meanwhile",
    );
    const { userId, ...described } = person;
    const { position } = await rowOf(userId);
    const changed = {
      ...described,
      roles: ["paramedic", "clinical-hub"],
      reason: "Works at the hub",
      expected: position,
    };
    expect((await configuration.post(`people/${userId}`, changed)).status).toBe(200);
    const ended = {
      ...changed,
      endsAt: new Date().toISOString(),
      reason: "Left",
      expected: (await rowOf(userId)).position,
    };
    expect((await configuration.post(`people/${userId}`, ended)).status).toBe(200);
    expect(await rowOf(userId)).toMatchObject({ ended: true, roles: ["paramedic", "clinical-hub"] });
    const { lines } = (await configuration.get(`people/${userId}/history`)).json();
    expect(lines.map((line: { by: string; reason: string }) => [line.by, line.reason])).toEqual([
      ["Petra Voss", "Left"],
      ["Petra Voss", "Works at the hub"],
      ["Petra Voss", "Joined the trust"],
    ]);
  });

  test("a role that is taken away is gone at once, and nobody gives one to themselves", async () => {
    const desk = await openTestDesk(server, "n-lowe", ["continuity"]);
    const { userId, name, staffNumber, position } = await rowOf("n-lowe");
    const body = { name, staffNumber, roles: ["clinical-hub"], reason: "Moved", expected: position };
    expect((await configuration.post(`people/${userId}`, body)).status).toBe(200);
    expect((await desk.get("devices")).json().code).toBe("session-ended");
    const own = await rowOf("n-voss");
    const more = { name: own.name, staffNumber: own.staffNumber, roles: ["configuration", "security"] };
    const refused = await configuration.post("people/n-voss", { ...more, reason: "Why not", expected: own.position });
    expect(refused.json().code).toBe("own-roles");
  });

  test("a PIN survives a change at the desk, and is told to nobody", async () => {
    const before = (await controlLog().find("person", "n-okafor"))!;
    const { name, staffNumber, roles, position } = await rowOf("n-okafor");
    await configuration.post("people/n-okafor", { name, staffNumber, roles, reason: "Spelling", expected: position });
    const after = await controlLog().find("person", "n-okafor");
    expect(after?.position).toBeGreaterThan(before.position);
    expect(after?.state.pin).toEqual(before.state.pin);
    const told = [await configuration.get("people"), await configuration.get("people/n-okafor/history")];
    for (const { text } of told) expect(text).not.toContain((before.state.pin as { proof: string }).proof);
  });
});

test("a session that the desk ends reads nothing more, at once", async () => {
  const other = await openTestDesk(server, "n-shah", ["governance"]);
  expect((await other.get("reviews")).status).toBe(200);
  const open = await rowsOf<SessionRow>(security, "sessions?find=Dana");
  expect(open.map((row) => row.sessionId)).toContain(other.sessionId);
  const ended = await security.post(`sessions/${other.sessionId}/end`, { reason: "Left the desk open" });
  expect(ended.status).toBe(200);
  expect((await other.get("reviews")).json().code).toBe("session-ended");
  expect((await security.post(`sessions/${other.sessionId}/end`, { reason: "Again" })).status).toBe(404);
});

test("a setting has its history, and one that is out of range changes nothing", async () => {
  const setting = async (): Promise<SettingRow> =>
    (await configuration.get("settings")).json().settings.find((row: SettingRow) => row.id === "lock.afterMinutes");
  const change = async (value: unknown) =>
    configuration.post("settings/lock.afterMinutes", {
      value,
      reason: "Cold fingers",
      expected: (await setting()).position,
    });
  expect((await change(7)).status).toBe(200);
  expect(await setting()).toMatchObject({ value: 7, by: "Petra Voss" });
  for (const value of [0, 7.5, "7", 1e9]) expect((await change(value)).json().code).toBe("bad-setting");
  expect((await setting()).value).toBe(7);
  expect((await configuration.post("settings/lock.factors", { value: 1, reason: "Off", expected: 0 })).status).toBe(
    404,
  );
});

test("what was opened past the rules waits for somebody else's review", async () => {
  const review = { of: "open", userId: "n-okafor", reason: "In front of me", openedAt: new Date().toISOString() };
  await controlLog().append([{ kind: "review", id: "r-1", state: review, by: {}, expected: 0 }]);
  const row = async () =>
    (await rowsOf<ReviewRow>(governance, "reviews?sort=outcome")).find((one) => one.reviewId === "r-1")!;
  const { position, ...shown } = await row();
  expect(shown).toMatchObject({ person: "Amara Okafor", reason: "In front of me" });
  expect(shown.outcome).toBeUndefined();
  const done = { outcome: "proper", words: "Right to open it", expected: position };
  expect((await governance.post("reviews/r-1", done)).status).toBe(200);
  expect(await row()).toMatchObject({ outcome: "proper", reviewedBy: "Grace Banda" });
  expect((await governance.post("reviews/r-1", done)).json().code).toBe("changed-meanwhile");
});

test("a record that a crew opened with a reason waits for review too, once a shift, whoever answers the desk", async () => {
  const author = await enrolTestDevice(server, "crew");
  const chain = testChain();
  await push(server, author, await runOf(author, chain, incident));
  const other = await enrolTestDevice(server, "crew", "DEMO-TABLET-2");
  const ask = (headers: Record<string, string>) => {
    const records = { [chain.recordId]: { epoch: 0, position: 0 } };
    return call(server, {
      zone: "crew",
      path: "/sync/v1/pull",
      token: other.token,
      body: { protocol: 1, records },
      headers,
    });
  };
  expect((await ask({})).json().records[chain.recordId]).toEqual({ refused: "not-in-scope" });
  const because = { "holdfast-reason": encodeURIComponent("In front of me now") };
  for (let times = 0; times < 3; times++)
    expect((await ask(because)).json().records[chain.recordId].lines).toHaveLength(1);

  const rows = async () =>
    (await rowsOf<ReviewRow>(governance, `reviews?find=${chain.recordId}`)).filter((row) => row.of === "record");
  expect(await rows()).toMatchObject([{ reason: "In front of me now", recordId: chain.recordId, position: 0 }]);
  const [{ reviewId } = { reviewId: "" }] = await rows();
  const done = { outcome: "follow-up", words: "Spoke with the crew", expected: 0 };
  expect((await governance.post(`reviews/${reviewId}`, done)).status).toBe(200);
  expect(await rows()).toMatchObject([{ outcome: "follow-up", reason: "In front of me now" }]);
  expect((await governance.post(`reviews/${reviewId}`, done)).json().code).toBe("changed-meanwhile");
  expect((await governance.post("reviews/access-1-999999-0", done)).status).toBe(404);
});

describe("the access log", () => {
  const times = () =>
    `from=${new Date(Date.now() - 3_600_000).toISOString()}&to=${new Date(Date.now() + 60_000).toISOString()}`;

  test("says what an account touched, by staff number too, and who saw a record", async () => {
    const tablet = await enrolTestDevice(server, "crew");
    const chain = testChain();
    await push(server, tablet, await runOf(tablet, chain, incident));
    const deviceId = tablet.deviceId;
    await cell().access.write({
      deviceId,
      person: { userId: "n-okafor", name: "Amara Okafor", roles: ["paramedic"] },
      zone: "crew",
      action: "open",
      purpose: "direct-care",
      relation: "own-crew",
      recordIds: [chain.recordId],
    });
    for (const about of ["person=NM1001", "person=n-okafor", `deviceId=${deviceId}`, `recordId=${chain.recordId}`]) {
      const { lines } = (await security.get(`accesses?${about}&${times()}`)).json();
      expect(lines.find((line: { action: string }) => line.action === "open")).toMatchObject({
        person: { name: "Amara Okafor" },
        recordIds: [chain.recordId],
      });
    }
    const affected = await security.get(`accesses/records?person=NM1001&${times()}`);
    expect(affected.json()).toMatchObject({ total: 1, rows: [{ recordId: chain.recordId, accesses: 1 }] });
    expect((await security.get(`accesses?${times()}`)).json().code).toBe("one-of-three");
    expect((await security.get(`accesses?person=nobody&${times()}`)).status).toBe(404);
  });

  test("is exported with a reason alone, and no cell of it is a formula", async () => {
    const [from, to] = [new Date(Date.now() - 3_600_000).toISOString(), new Date(Date.now() + 60_000).toISOString()];
    const deviceId = security.device.deviceId;
    const asked = { deviceId, from, to, format: "csv" };
    expect((await security.post("accesses/export", asked)).json().code).toBe("reason-needed");
    const reason = { "holdfast-reason": encodeURIComponent("=cmd|' /C calc'!A0") };
    await security.post("accesses/export", asked, reason);
    const { status, text } = await security.post("accesses/export", asked, reason);
    expect(status).toBe(200);
    expect(text.split("\r\n")[0]).toMatch(/^received,/);
    expect(text).toContain("'=cmd");
    expect(text).not.toMatch(/(^|,)"?=/m);
  });

  test("names the records that an account had, each once, as a table", async () => {
    const [from, to] = [new Date(Date.now() - 3_600_000).toISOString(), new Date(Date.now() + 60_000).toISOString()];
    const asked = { person: "NM1001", from, to, format: "records" };
    const { text } = await security.post("accesses/export", asked, { "holdfast-reason": "Breach" });
    const [head, row, end] = text.split("\r\n");
    expect([head, end]).toEqual(["record,accesses,first,last", ""]);
    expect(row).toMatch(/^[0-9a-f-]{36},1,2/);
    const { person: _person, ...rest } = asked;
    const ofOne = { ...rest, recordId: row!.slice(0, 36) };
    const refused = await security.post("accesses/export", ofOne, { "holdfast-reason": "Breach" });
    expect(refused.json().code).toBe("one-of-three");
  });

  test("is exported as FHIR AuditEvents that point to the record where it is served", async () => {
    const [from, to] = [new Date(Date.now() - 3_600_000).toISOString(), new Date(Date.now() + 60_000).toISOString()];
    const asked = { person: "NM1001", from, to, format: "fhir" };
    const { text, headers } = await security.post("accesses/export", asked, { "holdfast-reason": "Audit" });
    expect(headers["content-type"]).toContain("application/fhir+json");
    const bundle = JSON.parse(text);
    expect(bundle).toMatchObject({ resourceType: "Bundle", type: "collection" });
    expect(bundle.entry.length).toBeGreaterThan(0);
    for (const { fullUrl, resource } of bundle.entry) {
      expect(resource.resourceType).toBe("AuditEvent");
      expect(fullUrl).toMatch(/^http:\/\/care\.northmoor\.localhost:\d+\/fhir\/R4\/AuditEvent\//);
    }
  });

  test("has a line for each read and each change at the desk", async () => {
    const actions = (await accessesOf("n-voss")).map(({ action }) => action);
    expect(actions).toEqual(expect.arrayContaining(["people", "person-new", "person-change", "settings", "setting"]));
    expect((await accessesOf("n-kerr")).map(({ action }) => action)).toContain("see-access");
  });
});

test("six minutes after the sign-in a change asks for the second factor once more; to look does not", async () => {
  const desk = await openTestDesk(server, "n-voss", ["configuration"]);
  const change = { value: 8, reason: "Colder fingers", expected: 0 };
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 6 * 60_000 });
  try {
    expect((await desk.get("settings")).status).toBe(200);
    expect((await desk.post("settings/lock.afterMinutes", change)).json().code).toBe("step-up-needed");
  } finally {
    vi.useRealTimers();
  }
  // The same within its first five minutes comes as far as the change itself.
  expect((await desk.post("settings/lock.afterMinutes", change)).json().code).toBe("changed-meanwhile");
});

test("the desk refuses a device by itself, another's role, and another trust's desk", async () => {
  const { device } = security;
  const alone = await call(server, { zone: "control", path: "/control/v1/devices", token: device.deviceToken });
  expect([alone.status, alone.json().code]).toEqual([403, "person-needed"]);
  expect((await security.get("people")).json().code).toBe("not-your-role");
  expect((await governance.get("devices")).json().code).toBe("not-your-role");
  const other = await call(server, {
    zone: "control",
    trust: "westvale",
    path: "/control/v1/devices",
    token: device.token,
  });
  expect(other.status).toBe(401);
});

test("nobody reviews the sealed account that they opened themselves", async () => {
  const account = await openTestDesk(server, "sealed-1", ["security", "governance"]);
  const reviewId = "0190a000-0000-4000-8000-00000000abcd";
  const opened = { of: "sealed-account", account: "sealed-1", reason: "Cut off", openedAt: new Date().toISOString() };
  await controlLog().append([{ kind: "review", id: reviewId, state: opened, by: {}, expected: 0 }]);
  const { position } = (await rowsOf<ReviewRow>(governance, "reviews")).find((row) => row.reviewId === reviewId)!;
  const done = { outcome: "proper", words: "It was me", expected: position };
  const own = await account.post(`reviews/${reviewId}`, done);
  expect([own.status, own.json<{ code?: string }>().code]).toEqual([403, "own-review"]);
});

test("somebody who moves to another site is signed out of the one before", async () => {
  const { position } = (await controlLog().find("person", "s-nowak"))!;
  const screen = await enrolTestDevice(server, "care");
  const { sessionId } = await cell().sessions.open({
    person: { userId: "s-nowak", name: "Zofia Nowak", roles: ["hospital-nurse"], strength: "passkey" },
    deviceId: screen.deviceId,
    zone: "care",
    siteId: "southgate-ed",
    keyThumbprint: "of-the-screen",
  });
  const row = (await rowsOf<PersonRow>(configuration, "people?find=s-nowak"))[0]!;
  const { name, staffNumber, roles } = row;
  const moved = { name, staffNumber, roles, siteId: "harbour-ed", reason: "Works there now", expected: position };
  expect((await configuration.post("people/s-nowak", moved)).status).toBe(200);
  expect(cell().sessions.isEnded(sessionId)).toBe(true);
});
