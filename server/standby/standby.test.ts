import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { enrolNodeDevice, type NodeDevice, syncAll } from "#demo/node-client.ts";
import { asOfHeader } from "#protocol/server-state.ts";
import { thumbprintOf } from "#server/identity/dpop.ts";
import type { RunningServer } from "#server/main.ts";
import { bootStandbyForTest, type CallTo, call } from "#test/boot.ts";
import { destination, incident, note, southgate, type TestDraft } from "#test/devices.ts";
import { countRows, sql } from "#test/postgres.ts";
import { useArchive, useArchivedBase } from "#test/set-up.ts";

const trust = "northmoor";
type Standby = RunningServer & { domain: string };
const archive = useArchive();
const base = useArchivedBase(archive, "by-itself");
let standby: Standby;
let tablet: NodeDevice & { at: Place };
let screen: NodeDevice & { at: Place };
interface Place {
  host: string;
  port: number;
}

const placeOf = (server: CallTo, zone: "crew" | "care"): Place => ({
  host: `${zone}.${trust}.${server.domain ?? "localhost"}`,
  port: server.ports[zone],
});
const enrol = async (zone: "crew" | "care", code: string) => {
  // The device reads its place at every request: to move it is to change this.
  const at = { ...placeOf(base, zone), code };
  return { ...(await enrolNodeDevice(at)), at };
};

beforeAll(async () => {
  tablet = await enrol("crew", "DEMO-TABLET-1");
  screen = await enrol("care", "DEMO-SCREEN-SOUTHGATE");
});
afterAll(async () => {
  tablet?.close();
  screen?.close();
  await standby?.close();
});

const author = { userId: "n-okafor", name: "Amara Okafor", role: "Paramedic", signIn: "pin" } as const;
const newRecord = (): string => crypto.randomUUID().replace(/^(.{8})-(.{4})-4/, "01990000-0000-7");
const write = async (device: NodeDevice, recordId: string, ...drafts: TestDraft[]): Promise<void> => {
  for (const { kind, body } of drafts) await device.replica.write({ recordId, author, kind, body });
};
const url = (server: RunningServer): string => server.cells.get(trust)!.databaseUrl("owner");
const untilArchived = async (): Promise<void> => {
  for (const log of ["control", "care"] as const) {
    const last = await countRows(base, `${log}_line`);
    await vi.waitUntil(async () => (await archive.reader.end(trust, log)).last >= last, { timeout: 60_000 });
  }
};
const untilFollowed = (): Promise<boolean> =>
  vi.waitUntil(async () => (await countRows(standby, "care_line")) === (await countRows(base, "care_line")), {
    timeout: 60_000,
  });
const statesOf = async (device: NodeDevice, recordId: string): Promise<string[]> =>
  (await device.replica.entries(recordId)).map(({ state }) => state.at);
/** A nurse's session on the screen at this server, as any way of signing in gives it. */
const signInNurse = async (server: RunningServer): Promise<void> => {
  const { publicKey, enrolment } = screen;
  const tokens = await server.cells.get(trust)!.sessions.open({
    person: { userId: "s-nurse", name: "Testcase Nurse", roles: ["hospital-nurse"], strength: "passkey" },
    deviceId: enrolment.deviceId,
    zone: "care",
    siteId: southgate.siteId,
    keyThumbprint: thumbprintOf(publicKey),
  });
  screen.signedIn(tokens);
};
const record = newRecord();

test("a standby shows what the archive has, says as of when, and follows", async () => {
  await write(tablet, record, incident, destination(southgate), note("PLANTED before"));
  await syncAll(tablet.replica);
  await untilArchived();
  standby = await bootStandbyForTest(archive);
  await untilFollowed();
  Object.assign(screen.at, placeOf(standby, "care"));
  const { arrivals, server } = await screen.arrivals();
  expect(arrivals.map(({ recordId }) => recordId)).toEqual([record]);
  const [last] = await sql<{ received: Date }>(url(base), "SELECT max(received) AS received FROM care_line");
  expect(server.standby?.asOf).toBe(last!.received.toISOString());
  // Answers without a word of the server say it too, to the app's pages alike; the base's say nothing.
  const asOfOf = async (server: CallTo) =>
    (await call(server, { zone: "control", path: "/identity/v1/nonce" })).headers;
  expect((await asOfOf(standby))[asOfHeader]).toBe(server.standby?.asOf);
  expect(await asOfOf(base)).not.toHaveProperty(asOfHeader);
  expect(server.incarnation).not.toBe(base.cells.get(trust)!.state().incarnation);

  await write(tablet, record, note("PLANTED later"));
  await syncAll(tablet.replica);
  await untilFollowed();
  expect((await sql(url(standby), "SELECT * FROM arrival")).length).toBe(1);
});

test("a standby opens what locked tablets seal to the trust's inbox", () => {
  const inboxOf = (server: RunningServer) => server.cells.get(trust)!.inbox.publicKey;
  expect(inboxOf(standby)).toEqual(inboxOf(base));
});

test("when the base is gone, what a crew pushes is held, shown with the record, and acknowledged by nobody", async () => {
  await base.close();
  Object.assign(tablet.at, placeOf(standby, "crew"));
  await write(tablet, record, note("PLANTED after the kill"));
  const fresh = newRecord();
  await write(tablet, fresh, incident, destination(southgate));
  const lines = await countRows(standby, "care_line");
  await vi.waitUntil(async () => (await syncAll(tablet.replica)).result === "done", { timeout: 60_000 });
  expect(await statesOf(tablet, fresh)).toEqual(["held", "held"]);
  expect(await statesOf(tablet, record)).toEqual([
    "acknowledged",
    "acknowledged",
    "acknowledged",
    "acknowledged",
    "held",
  ]);
  expect(await countRows(standby, "care_line")).toBe(lines);
  expect(await countRows(standby, "held_line")).toBe(3);

  const { arrivals } = await screen.arrivals();
  expect(arrivals.map(({ recordId }) => recordId).sort()).toEqual([fresh, record].sort());
  await signInNurse(standby);
  screen.replica.follow(record);
  screen.replica.follow(fresh);
  await syncAll(screen.replica);
  const seen = (await screen.replica.entries(record)).map(({ text }) => text);
  expect(seen.filter((text) => text.includes("PLANTED after the kill"))).toHaveLength(1);
  expect((await screen.replica.entries(fresh)).length).toBe(2);

  // Sent again, nothing more is held.
  await syncAll(tablet.replica);
  expect(await countRows(standby, "held_line")).toBe(3);
});

test("the standby keeps what it holds over a restart, and decides nothing about people or devices", async () => {
  const { ports } = standby;
  await standby.close();
  const settings = { HOLDFAST_CREW_PORT: String(ports.crew), HOLDFAST_CARE_PORT: String(ports.care) };
  standby = await bootStandbyForTest(archive, settings);
  expect(await countRows(standby, "held_line")).toBe(3);
  const enrolling = enrolNodeDevice({ ...placeOf(standby, "crew"), code: "DEMO-TABLET-2" });
  await expect(enrolling).rejects.toThrow("standby");
  expect((await call(standby, { zone: "crew", path: "/healthz" })).status).toBe(200);
  // The database itself refuses, whatever the code does.
  const ingest = standby.cells.get(trust)!.pools.ingest;
  const nothing = Array.from({ length: 30 }, () => "'{}'").join(", ");
  await expect(ingest.query(`SELECT * FROM append_care(${nothing})`)).rejects.toMatchObject({ code: "42501" });
});

test("when the base is back, it acknowledges what was held, and the standby holds it no more", async () => {
  await base.restart();
  Object.assign(tablet.at, placeOf(base, "crew"));
  await vi.waitUntil(async () => (await syncAll(tablet.replica)).result === "done", { timeout: 60_000 });
  expect(new Set(await statesOf(tablet, record))).toEqual(new Set(["acknowledged"]));
  await untilArchived();
  await untilFollowed();
  await vi.waitUntil(async () => (await countRows(standby, "held_line")) === 0, { timeout: 60_000 });
  const entriesAt = async (server: RunningServer) =>
    (await sql<{ entry_id: string }>(url(server), "SELECT entry_id FROM care_line ORDER BY position")).map(
      ({ entry_id }) => entry_id,
    );
  expect(await entriesAt(standby)).toEqual(await entriesAt(base));
  expect(new Set(await entriesAt(base)).size).toBe(await countRows(base, "care_line"));
});
