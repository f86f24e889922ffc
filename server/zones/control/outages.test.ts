import { beforeAll, describe, expect, test, vi } from "vitest";
import type { ContactRow, OutagesResponse } from "#protocol/control/outages.ts";
import type { Page } from "#protocol/control/page.ts";
import { call } from "#test/boot.ts";
import { openTestDesk, type TestDesk } from "#test/desk.ts";
import {
  controlLogOf,
  destination,
  enrolTestDevice,
  incident,
  note,
  push,
  runOf,
  southgate,
  type TestDevice,
  testChain,
} from "#test/devices.ts";
import { wordsIn } from "#test/planted-words.ts";
import { useArchive, useArchivedBase } from "#test/set-up.ts";

const minuteMs = 60_000;
const startedMs = Date.now();
const ago = (minutes: number): string => new Date(startedMs - minutes * minuteMs).toISOString();
const planted = ["PLANTED-NAME", "PLANTED-NOTE"];
const archive = useArchive();
const server = useArchivedBase(archive, "by-itself");
let tablet: TestDevice;
let screen: TestDevice;
let governance: TestDesk;
let outageId: string;
const [conveyed, seen, before] = [testChain(), testChain(), testChain()];

beforeAll(async () => {
  tablet = await enrolTestDevice(server, "crew");
  screen = await enrolTestDevice(server, "care");
  governance = await openTestDesk(server, "g-one", ["governance"]);
  const patient = {
    kind: "patient",
    body: { identity: "stated", familyName: "PLANTED-NAME", givenName: "PLANTED-NAME" },
  };
  const at = (minutes: number) => ({ occurredAt: ago(minutes) });
  await push(
    server,
    tablet,
    await runOf(
      tablet,
      conveyed,
      { ...incident, ...at(90) },
      { ...patient, ...at(89) },
      { ...destination(southgate), ...at(80) },
      { ...note("PLANTED-NOTE"), ...at(5) },
    ),
  );
  await push(server, tablet, await runOf(tablet, seen, { ...destination(southgate), ...at(70) }));
  const receipt = { what: "displayed", site: southgate, seen: { [tablet.deviceId]: 1 } };
  await push(
    server,
    screen,
    await runOf(screen, testChain(seen.recordId), { kind: "receipt", body: receipt, ...at(69) }),
  );
  await controlLogOf(server).append([
    { kind: "paper-form", id: "NM-48210001-001-40", state: { state: "entered", recordId: seen.recordId }, by: {} },
    { kind: "paper-form", id: "NM-48210001-002-37", state: { state: "waiting" }, by: {} },
    { kind: "paper-form", id: "NM-48210001-003-34", state: { state: "not-used" }, by: {} },
  ]);
  // Happened before, and its tablet told the base in the outage.
  vi.spyOn(Date, "now").mockReturnValue(startedMs - 600 * minuteMs);
  const old = await runOf(tablet, before, { ...incident, ...at(600) });
  vi.restoreAllMocks();
  await push(server, tablet, old);
});

const listed = async (desk = governance): Promise<OutagesResponse["outages"][number]> => {
  for (;;) {
    const { outages } = (await desk.get("outages")).json<OutagesResponse>();
    const outage = outages.find((each) => each.outageId === outageId)!;
    if (!outage.running && outage.listedAt !== undefined) return outage;
  }
};
const contacts = async (query = ""): Promise<ContactRow[]> =>
  (await governance.get(`outages/${outageId}?sort=review${query}`)).json<Page<ContactRow>>().rows;
const asked = () => ({
  from: ago(100),
  to: new Date(startedMs + minuteMs).toISOString(),
  lateMinutes: 30,
  reason: "The base was away",
});

describe("the contacts of an outage", () => {
  test("are listed with what each went without, and what happened before is none of them", async () => {
    const lookUp = { protocol: 1, by: { familyName: "Nobody", birthDate: "1950-01-01" } };
    const { zone, trust, token } = tablet;
    const reason = { "holdfast-reason": "In front of me" };
    const found = await call(server, { zone, trust, token, path: "/sync/v1/find", body: lookUp, headers: reason });
    expect(found.json<{ found: object[] }>().found).toEqual([]);
    const answer = await governance.post("outages", asked());
    expect(answer.status).toBe(202);
    ({ outageId } = answer.json<{ outageId: string }>());
    expect(await listed()).toMatchObject({ contacts: 3, open: 3, by: "g-one", lateMinutes: 30 });
    const rows = await contacts();
    const of = (recordId: string) => rows.find((row) => row.recordId === recordId);
    expect(of(conveyed.recordId)).toMatchObject({ firstAt: ago(90), lastAt: ago(5) });
    expect(of(conveyed.recordId)!.missing).toEqual([
      { what: "late-entries", count: 3, minutes: expect.any(Number) },
      { what: "handover-undelivered", count: 1 },
      { what: "look-up", count: 1 },
    ]);
    expect(of(seen.recordId)!.missing.map(({ what }) => what)).toEqual(["late-entries", "paper"]);
    expect(of(seen.recordId)!.forms).toEqual(["NM-48210001-001-40"]);
    expect(rows.filter(({ recordId }) => recordId === undefined)).toMatchObject([
      { contactId: "form-NM-48210001-002-37", missing: [{ what: "paper", count: 1 }] },
    ]);
    expect(of(before.recordId)).toBeUndefined();
  });

  test("are noted as read before the answer leaves, and name no patient in it or in the control log", async () => {
    const { text } = await governance.get(`outages/${outageId}`);
    expect(wordsIn(Buffer.from(text), planted)).toEqual([]);
    const log = await governance.get(`accesses?recordId=${conveyed.recordId}&from=${ago(200)}&to=${ago(-10)}`);
    expect(log.json<{ lines: { action: string }[] }>().lines.map(({ action }) => action)).toContain("outage-contacts");
  });

  test("keep their review, with who and why, when they are listed again; what is missing since is said", async () => {
    const [row] = await contacts("&find=handover");
    const done = { outcome: "no-harm", words: "Handed over by mouth", expected: row!.position };
    const path = `outages/${outageId}/contacts/${row!.contactId}`;
    expect((await governance.post(path, done)).status).toBe(200);
    expect((await governance.post(path, done)).json<{ code: string }>().code).toBe("changed-meanwhile");
    expect(await listed()).toMatchObject({ open: 2 });
    const list = async () => {
      const at = (await listed()).listedAt;
      expect((await governance.post(`outages/${outageId}`, {})).status).toBe(202);
      while ((await listed()).listedAt === at);
    };
    await list();
    const reviewed = { outcome: "no-harm", words: "Handed over by mouth", reviewedBy: "g-one" };
    expect((await contacts()).find(({ contactId }) => contactId === row!.contactId)).toMatchObject({
      ...reviewed,
      more: false,
    });
    // The control: something that came after the review is not under it.
    await push(server, tablet, await runOf(tablet, conveyed, { ...note("late"), occurredAt: ago(88) }));
    await list();
    expect((await contacts())[0]).toMatchObject({ ...reviewed, contactId: row!.contactId, more: true });
    expect(await listed()).toMatchObject({ open: 3 });
  });

  test("tell a look-up that no server answered, once its device has told it, and whom it was for to nobody", async () => {
    const count = async () =>
      (await contacts()).map(({ recordId, missing }) => [
        recordId,
        missing.find(({ what }) => what === "look-up")?.count ?? 0,
      ]);
    const listAgain = async () => {
      const at = (await listed()).listedAt;
      expect((await governance.post(`outages/${outageId}`, {})).status).toBe(202);
      while ((await listed()).listedAt === at);
      return count();
    };
    const was = await count();
    const lookUp = (at: string, more: object) => ({ id: crypto.randomUUID(), at, unanswered: "nhs-number", ...more });
    const tell = async (...accesses: object[]) => {
      const { zone, trust, token } = tablet;
      const body = { protocol: 1, accesses };
      return call(server, { zone, trust, token, path: "/sync/v1/accesses", body });
    };
    // The control: what was opened offline, and looked up in vain before the outage, are no contact of it.
    const opening = { id: crypto.randomUUID(), at: ago(80), recordId: seen.recordId };
    const answer = await tell(opening, lookUp(ago(300), { recordId: seen.recordId }));
    expect(answer.json<{ stored: string[] }>().stored).toHaveLength(2);
    expect(await listAgain()).toEqual(was);

    const inRecord = lookUp(ago(75), { recordId: seen.recordId });
    // Told twice it is one; from no record it is put with what its tablet wrote nearest.
    await tell(inRecord);
    await tell(inRecord, lookUp(ago(91), { unanswered: "name-and-birth-date" }));
    const now = new Map((await listAgain()) as [string | undefined, number][]);
    const before = new Map(was as [string | undefined, number][]);
    expect(now.get(seen.recordId)).toBe(before.get(seen.recordId)! + 1);
    expect(now.get(conveyed.recordId)).toBe(before.get(conveyed.recordId)! + 1);
    expect((await tell({ id: crypto.randomUUID(), at: ago(75) })).status).toBe(400);
  });

  test("leave as a table, for a reason and with the second factor, and no cell begins a formula", async () => {
    const path = `outages/${outageId}/export`;
    expect((await governance.post(path, {})).json<{ code: string }>().code).toBe("reason-needed");
    const [row] = await contacts();
    const formula = { outcome: "follow-up", words: '=HYPERLINK("x")', expected: row!.position };
    expect((await governance.post(`outages/${outageId}/contacts/${row!.contactId}`, formula)).status).toBe(200);
    const { status, text, headers } = await governance.post(path, {}, { "holdfast-reason": "For the board" });
    expect([status, headers["content-type"]]).toEqual([200, "text/csv; charset=utf-8"]);
    expect(text.split("\r\n")[0]).toBe(
      "contact,record,paper forms,devices,first,last,missing,more since the review,outcome,words,reviewer",
    );
    expect(text).toContain(`"'=HYPERLINK(""x"")"`);
    expect(wordsIn(Buffer.from(text), planted)).toEqual([]);
  });

  test("are no business of whoever manages devices, and an outage that is none is answered as such", async () => {
    const security = await openTestDesk(server, "s-one", ["security"]);
    expect((await security.get("outages")).status).toBe(403);
    expect((await governance.get(`outages/${crypto.randomUUID()}`)).status).toBe(404);
    expect((await governance.post("outages", { ...asked(), to: ago(101) })).status).toBe(400);
    expect((await call(server, { zone: "control", path: "/control/v1/outages" })).status).toBe(401);
  });
});
