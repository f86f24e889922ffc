import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { enrolNodeDevice, type NodeDevice, syncAll } from "#demo/node-client.ts";
import { readConfig } from "#server/config.ts";
import type { RunningServer } from "#server/main.ts";
import { openCluster } from "#server/postgres/cluster.ts";
import { restore } from "#server/recovery/restore.ts";
import { createKeyRing } from "#server/sealing/key-ring.ts";
import { fileTrustKey } from "#server/sealing/trust-key.ts";
import { bootStandbyForTest, type CallTo, call } from "#test/boot.ts";
import { openTestDesk } from "#test/desk.ts";
import {
  controlLogOf,
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
} from "#test/devices.ts";
import { countRows, sql } from "#test/postgres.ts";
import { useArchive, useArchivedBase, useFolder } from "#test/set-up.ts";
import { officerKeyPath, readOfficerKey, readOfficers } from "./officers.ts";
import { BadOpening, type SignedOpening, withSignature } from "./opening.ts";
import { type PromotionParts, prepareOpening, promote } from "./promote.ts";

const trust = "northmoor";
const patience = { timeout: 60_000 };
const archive = useArchive();
const base = useArchivedBase(archive, "by-itself");
let standby: RunningServer & { domain: string };
let tablet: NodeDevice & { at: { host: string; port: number } };
const restoredData = useFolder("restored");

beforeAll(async () => {
  const at = { ...placeOf(base), code: "DEMO-TABLET-1" };
  tablet = { ...(await enrolNodeDevice(at)), at };
  screen = await enrolTestDevice(base, "care", "DEMO-SCREEN-HARBOUR");
  otherTablet = await enrolTestDevice(base, "crew", "DEMO-TABLET-2");
});
afterAll(async () => {
  tablet?.close();
  await standby?.close();
});

const placeOf = (server: CallTo) => ({
  host: `crew.${trust}.${server.domain ?? "localhost"}`,
  port: server.ports.crew,
});
const author = { userId: "n-okafor", name: "Amara Okafor", role: "Paramedic", signIn: "pin" } as const;
const newRecord = (): string => crypto.randomUUID().replace(/^(.{8})-(.{4})-4/, "01990000-0000-7");
const write = async (recordId: string, ...drafts: TestDraft[]): Promise<void> => {
  for (const { kind, body } of drafts) await tablet.replica.write({ recordId, author, kind, body });
};
const sync = () => vi.waitUntil(async () => (await syncAll(tablet.replica)).result === "done", patience);
const cell = (server: RunningServer) => server.cells.get(trust)!;
const untilArchived = async (server: RunningServer): Promise<void> => {
  for (const log of ["control", "care"] as const) {
    const last = await countRows(server, `${log}_line`);
    await vi.waitUntil(async () => (await archive.reader.end(trust, log)).last >= last, patience);
  }
};
const untilFollowed = () =>
  vi.waitUntil(async () => (await countRows(standby, "care_line")) === (await countRows(base, "care_line")), patience);
const states = async (recordId: string) =>
  new Set((await tablet.replica.entries(recordId)).map(({ state }) => state.at));
const officerKey = (officer: number) => readOfficerKey(officerKeyPath(archive.officers, trust, officer));
const parts = (): PromotionParts => ({
  trust,
  url: cell(standby).databaseUrl("owner"),
  dataDirectory: archive.standby,
  keyRing: cell(standby).keyRing,
  letterbox: archive.reader,
  officers: readOfficers(archive.standby, trust),
  archive: { identity: archive.standbyIdentity(trust), logKeys: archive.logKeys(trust) },
});
const record = newRecord();
const later = newRecord();
let opening: SignedOpening;
/** Of another site than any record here is on its way to. */
let screen: TestDevice;
/** Of a crew that has nothing to do with any record here. */
let otherTablet: TestDevice;
const sealedReason = "PLANTED: nobody else can sign in";
const glassReason = "PLANTED: brought here instead";
const joinReason = "PLANTED: sent as a second crew";

test("an epoch is opened by two officers alone, for this server, and for what it has", async () => {
  await write(record, incident, note("PLANTED before"));
  await sync();
  await untilArchived(base);
  standby = await bootStandbyForTest(archive);
  await untilFollowed();
  const early = [1, 2].map(officerKey).reduce(withSignature, (await prepareOpening(parts())).opening);
  await write(record, note("PLANTED a little later"));
  await sync();
  await untilArchived(base);
  await untilFollowed();
  await base.close();
  Object.assign(tablet.at, placeOf(standby));
  await write(later, incident, note("PLANTED after the kill"));
  await sync();
  expect(await states(later)).toEqual(new Set(["held"]));
  // What the base's last moments brought into the archive is here.
  await vi.waitUntil(async () => {
    const { leftOut } = await prepareOpening(parts());
    return leftOut.care + leftOut.access + leftOut.control === 0;
  }, patience);

  const prepared = await prepareOpening(parts());
  expect(prepared.leftOutChanges).toEqual([]);
  const refused: [SignedOpening, string][] = [
    [prepared.opening, "2 are needed"],
    [withSignature(prepared.opening, officerKey(1)), "2 are needed"],
    // Prepared before the base wrote its last lines.
    [early, "the base was still writing"],
  ];
  for (const [bad, words] of refused) await expect(promote(parts(), bad)).rejects.toThrow(words);
  await expect(
    archive.client({ other: "nobody's" }).openEpoch(trust, withSignature(prepared.opening, officerKey(1))),
  ).rejects.toThrow("422");
  expect(await archive.reader.openings(trust)).toEqual([]);
  expect(cell(standby).state().standby).toBeDefined();
  opening = [1, 3].map(officerKey).reduce(withSignature, prepared.opening);
});

test("at the standby a nurse reads another site's record for a reason, what is only held there too", async () => {
  const nurse = await signInTestPerson(standby, screen, { userId: "s-nurse", roles: ["hospital-nurse"] });
  const read = (recordId: string, reason?: string) => pull(standby, nurse, recordId, reason);
  const care = cell(standby).pools.care;
  const behind = (ids: string[]) =>
    care.query("SELECT * FROM heads_behind_glass($1, $2, $3::uuid[])", [nurse.deviceId, "s-nurse", ids]);
  // The controls: without a reason nothing opens, and the database itself knows of none.
  expect(await read(record)).toEqual({ refused: "not-in-scope" });
  expect((await behind([record, later])).rows).toEqual([]);

  const texts = (lines: { entry: string }[]) => lines.map(({ entry }) => JSON.parse(entry).body.text);
  expect(texts((await read(record, glassReason)).lines)).toContain("PLANTED a little later");
  expect((await behind([record, later])).rows).toHaveLength(1);
  const onlyHeld = await read(later, glassReason);
  expect([onlyHeld.lines, texts(onlyHeld.held)]).toEqual([[], [undefined, "PLANTED after the kill"]]);
});

test("at the standby a crew that joins a stranger's record for a reason goes on without saying it again", async () => {
  const who = await signInTestPerson(standby, otherTablet, { userId: "n-joiner" });
  const refused = { refused: "not-in-scope" };
  expect(await pull(standby, who, record)).toEqual(refused);
  expect((await pull(standby, who, record, joinReason)).lines).toHaveLength(3);
  // Opened to read is opened once.
  expect(await pull(standby, who, record)).toEqual(refused);
  const joins = { kind: "event", body: { event: "joined" }, author: { ...author, userId: "n-joiner" } };
  const { answers } = await push(standby, who, await runOf(who, testChain(record), joins));
  expect(answers.map(({ answer }) => answer)).toEqual(["held"]);
  expect((await pull(standby, who, record)).lines).toHaveLength(3);
  // For that person alone.
  const another = await signInTestPerson(standby, otherTablet, { userId: "n-another" });
  expect(await pull(standby, another, record)).toEqual(refused);
});

test("at the standby a sealed account opens, and a wrong code does not", async () => {
  const { token } = await signInTestPerson(standby, screen);
  const open = (code: string) =>
    call(standby, {
      zone: "care",
      path: "/identity/v1/sign-in/break-glass",
      body: { code, reason: sealedReason },
      token,
    });
  expect((await open("DEMO-SEALED-NONE-0000-0000")).json().code).toBe("unknown-code");
  const opened = await open("DEMO-SEALED-ONE-7K4M-QX2P");
  expect(opened.json().person).toMatchObject({ userId: "sealed-1", strength: "break-glass" });
  const { text } = await call(standby, { zone: "care", path: "/metrics" });
  expect(text).toContain(`holdfast_security_events_total{trust="${trust}",code="sealed-account-opened"} 1`);
  // Nothing of it is in the log, which is the base's; and nothing of it lies open in the journal.
  expect((await controlLogOf(standby).all("review")).length).toBe(0);
  const journals = ["access", "sealed-openings"].map((name) =>
    readFileSync(join(archive.standby, "journal", `${trust}.${name}`), "utf8"),
  );
  expect(journals.map((journal) => journal.split("\n").length)).toEqual([expect.any(Number), 2]);
  for (const journal of journals) expect(journal).not.toContain("PLANTED");
});

test("the standby becomes the base by itself, gives what it held its places, and acknowledges", async () => {
  const incarnation = cell(standby).state().incarnation;
  await promote(parts(), opening);
  await vi.waitUntil(() => cell(standby).state().standby === undefined, patience);
  expect(cell(standby).state()).toMatchObject({ epoch: 2 });
  expect(cell(standby).state().incarnation).not.toBe(incarnation);
  expect(await countRows(standby, "held_line")).toBe(0);
  await sync();
  expect(await states(later)).toEqual(new Set(["acknowledged"]));
  // With what the crew that joined wrote.
  expect(await states(record)).toEqual(new Set(["acknowledged", "foreign"]));
  const lines = await sql<{ epoch: number; position: string; entry_id: string }>(
    cell(standby).databaseUrl("owner"),
    "SELECT epoch, position, entry_id FROM care_line ORDER BY position",
  );
  expect(lines.map(({ position }) => Number(position))).toEqual(lines.map((_, i) => i + 1));
  expect(new Set(lines.map(({ entry_id }) => entry_id)).size).toBe(lines.length);
  expect(lines.map(({ epoch }) => epoch)).toEqual([1, 1, 1, 2, 2, 2]);
  // Cut short and called again, it changes nothing.
  await promote(parts(), opening);
  expect(cell(standby).state().epoch).toBe(2);
});

test("what was opened at the standby comes before its reviewer, once", async () => {
  const reviews = async () => {
    const desk = await openTestDesk(standby, "g-one", ["governance"]);
    return (await desk.get("reviews")).json<{ rows: { of: string; reason: string; recordId?: string }[] }>().rows;
  };
  const expected = [
    expect.objectContaining({ of: "record", recordId: record, reason: glassReason }),
    expect.objectContaining({ of: "record", recordId: later, reason: glassReason }),
    expect.objectContaining({ of: "record", recordId: record, reason: joinReason }),
    expect.objectContaining({ of: "sealed-account", reason: sealedReason }),
  ];
  // A connection that was open before it became the base is cut off at the first use.
  const rows = await vi.waitFor(reviews, patience);
  expect(rows).toHaveLength(4);
  expect(rows).toEqual(expect.arrayContaining(expected));
  const account = (await controlLogOf(standby).find("break-glass", "sealed-1"))!;
  expect(account.state.opened).toBe(1);
  expect(await countRows(standby, "said_at_standby")).toBe(0);
  await expect(
    cell(standby).pools.care.query("SELECT say_at_standby($1, 'x', $2)", [screen.deviceId, [record]]),
  ).rejects.toMatchObject({ code: "42501" });
});

test("the other trust of the same server is a standby still", async () => {
  expect(standby.cells.get("westvale")!.state()).toMatchObject({ epoch: 1, standby: {} });
});

test("the old base finds itself replaced: it seals nothing, answers nobody, and a tablet that knows better tells it so", async () => {
  await base.restart();
  const before = await archive.reader.end(trust, "care");
  const epochBehind = await call(base, {
    zone: "crew",
    path: "/sync/v1/push",
    token: tablet.enrolment.token,
    key: "none",
    body: { protocol: 1, epochSeen: 2, chains: [] },
  });
  expect(epochBehind.status).toBeGreaterThanOrEqual(400);
  // A start writes a line of the access or control log, at the latest when somebody asks something.
  await vi.waitUntil(async () => {
    await call(base, { zone: "crew", path: "/identity/v1/enrol", body: { protocol: 1, code: "none" } });
    return cell(base).isReplaced();
  }, patience);
  const answer = await call(base, { zone: "crew", path: "/identity/v1/nonce" });
  expect([answer.status, answer.json().code]).toEqual([410, "fenced"]);
  expect((await archive.reader.end(trust, "care")).hash).toBe(before.hash);
});

test("the archive goes on in the new epoch, and a restore from it has both, by the officers' word alone", async () => {
  await write(later, note("PLANTED in the new epoch"));
  await sync();
  await untilArchived(standby);
  const into = async (name: string, officers: PromotionParts["officers"]) => {
    const data = join(restoredData, name);
    mkdirSync(data);
    const cluster = await openCluster(readConfig({ HOLDFAST_DATA: data }));
    try {
      await cluster.prepare(trust);
      const proof = await restore({
        url: cluster.url(trust, "owner"),
        keyRing: createKeyRing(fileTrustKey(data, trust)),
        trust,
        letterbox: archive.reader,
        logKeys: archive.logKeys(trust),
        officers,
        identity: await archive.recoveryIdentity(trust),
      });
      return proof.logs.find(({ log }) => log === "care")!;
    } finally {
      await cluster.stop();
    }
  };
  const good = await into("good", readOfficers(archive.officers, trust));
  expect(good).toMatchObject({ lines: await countRows(standby, "care_line"), epoch: 2 });
  expect(good.broken).toBeUndefined();
  // The control: other officers' word is nobody's.
  const other = await into("other", readOfficers(archive.officers, "westvale")).catch((error: Error) => error);
  expect(other).toBeInstanceOf(BadOpening);
  expect(readFileSync(join(archive.standby, `${trust}.officers`), "utf8")).toMatch(/^([\w-]{43}\n){3}$/);
});
