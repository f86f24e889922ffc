import { beforeAll, expect, test } from "vitest";
import { readStatement } from "#protocol/certificate.ts";
import type { NoticeRow } from "#protocol/control/notices.ts";
import type { Page } from "#protocol/control/page.ts";
import { type Downtime, noticeStatement } from "#protocol/downtime.ts";
import type { HeartbeatResponse } from "#protocol/heartbeat.ts";
import { verifyText } from "#server/identity/certificates.ts";
import { call } from "#test/boot.ts";
import { openTestDesk, type TestDesk } from "#test/desk.ts";
import { alone, controlLogOf, enrolTestDevice, type TestDevice } from "#test/devices.ts";
import { printedPack } from "#test/paper-forms.ts";
import { useServer } from "#test/set-up.ts";

const server = useServer();
let desk: TestDesk;
let tablet: TestDevice;
let counter = 0;
beforeAll(async () => {
  desk = await openTestDesk(server, "n-lowe", ["continuity"]);
  tablet = await enrolTestDevice(server, "crew");
});

const beat = async (held?: string, device = tablet): Promise<Downtime | undefined> => {
  const { zone, trust, token } = alone(device);
  counter += 1;
  const body = {
    protocol: 1,
    counter,
    answered: counter - 1,
    page: { at: 0, of: 1 },
    heads: [],
    ...(held !== undefined && { downtime: held }),
  };
  const answer = await call(server, { zone, trust, token, path: "/identity/v1/heartbeat", body });
  expect(answer.status, answer.text).toBe(200);
  return answer.json<HeartbeatResponse>().downtime;
};
const inHours = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
const notice = (title: string, hours = 12) =>
  desk.post("notices", { title, words: "Ring the hub.", until: inHours(hours), reason: "E-mail is down" });
const titlesIn = ({ notices }: Downtime) =>
  notices.map(({ statement }) => (JSON.parse(statement) as { title: string }).title);

test("a tablet is told nothing while there is nothing, and each change once", async () => {
  expect(await beat()).toBeUndefined();
  expect((await notice("E-mail is down")).status).toBe(200);
  const told = (await beat())!;
  expect(titlesIn(told)).toEqual(["E-mail is down"]);
  expect(await beat(told.tag)).toBeUndefined();
  const pack = await printedPack(server, 25);
  const { position } = (await desk.get(`paper/packs?find=${pack}`)).json().rows[0];
  await desk.post(`paper/packs/${pack}`, { vehicle: "NM201", heldBy: "Driver", reason: "Shift", expected: position });
  expect((await beat(told.tag))?.packs).toEqual([{ vehicle: "NM201", pack, forms: 25 }]);
  // A screen of a hospital has no use for it.
  expect(await beat(undefined, await enrolTestDevice(server, "care"))).toBeUndefined();
});

test("what it is told was signed by the trust's own key, and by no other trust's", async () => {
  const [signed] = (await beat())!.notices;
  const keysOf = (trust: string) => server.cells.get(trust)!.issuer.publicKeys;
  const read = await readStatement(noticeStatement, signed!, keysOf("northmoor"), verifyText);
  expect(read).toMatchObject({ says: { title: "E-mail is down", by: "Sam Lowe", trust: "northmoor" } });
  expect(await readStatement(noticeStatement, signed!, keysOf("westvale"), verifyText)).toEqual({
    fault: "bad-signature",
  });
  const changed = { ...signed!, statement: signed!.statement.replace("Ring the hub", "Ring nobody") };
  expect(await readStatement(noticeStatement, changed, keysOf("northmoor"), verifyText)).toEqual({
    fault: "bad-signature",
  });
});

test("ends by hand or by its time, and says who sent and who ended it", async () => {
  await notice("Taken back");
  const row = async () => (await desk.get("notices?find=Taken")).json<Page<NoticeRow>>().rows[0]!;
  const { noticeId, position } = await row();
  const end = (expected: number) => desk.post(`notices/${noticeId}/end`, { reason: "It is back", expected });
  expect((await end(position - 1)).json().code).toBe("changed-meanwhile");
  expect((await end(position)).status).toBe(200);
  expect((await row()).over).toBe(true);
  expect(titlesIn((await beat())!)).not.toContain("Taken back");
  expect((await controlLogOf(server).history("notice", noticeId)).map(({ by, reason }) => [by.userId, reason])).toEqual(
    [
      ["n-lowe", "E-mail is down"],
      ["n-lowe", "It is back"],
    ],
  );
  expect((await notice("Too long", 24 * 15)).json().code).toBe("until");
  expect((await notice("Over already", -1)).json().code).toBe("until");
});

test("the contact tree is signed anew with each change, and a stale change is refused", async () => {
  const contacts = [{ who: "Duty manager", how: "01632 960 001", when: "day and night" }];
  const change = (expected: number) => desk.post("contacts", { contacts, reason: "First list", expected });
  expect((await change(7)).json().code).toBe("changed-meanwhile");
  expect((await change(0)).status).toBe(200);
  expect((await desk.get("contacts")).json()).toMatchObject({ contacts });
  expect(JSON.parse((await beat())!.contacts!.statement)).toMatchObject({ type: "contacts", contacts });
});

test("is for the continuity lead and the security officer to send, and for nobody else", async () => {
  const security = await openTestDesk(server, "n-kerr", ["security"]);
  const body = { title: "Passwords", words: "Change nothing today.", until: inHours(2), reason: "Attack" };
  expect((await security.post("notices", body)).status).toBe(200);
  const records = await openTestDesk(server, "n-field", ["records"]);
  expect((await records.post("notices", body)).status).toBe(403);
});
