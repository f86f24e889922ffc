import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { createAccessLog } from "#server/logs/access-log.ts";
import { openLocalJournal } from "#server/logs/local-journal.ts";
import type { RunningServer } from "#server/main.ts";
import { journalLine, sealJournal } from "#server/standby/journal-file.ts";
import { bootStandbyForTest, call } from "./boot.ts";
import { openTestDesk } from "./desk.ts";
import {
  enrolTestDevice,
  incident,
  pull,
  push,
  runOf,
  signInTestPerson,
  type TestDevice,
  testChain,
} from "./devices.ts";
import { expectWronglyCalled, type HoldfastEnd, runHoldfast } from "./holdfast.ts";
import { countRows } from "./postgres.ts";
import { useArchive, useArchivedBase, useFolder } from "./set-up.ts";

const trust = "northmoor";
const patience = { timeout: 60_000 };
const archive = useArchive();
const base = useArchivedBase(archive, "by-itself");
const carried = useFolder("carried");
const chain = testChain();
const glassReason = "PLANTED: brought here instead";
const sealedReason = "PLANTED: nobody else can sign in";
let standby: RunningServer & { domain: string };
let screen: TestDevice;
let isUp = true;
let openedAt = 0;
let fingerprint = "";

const cell = (server: RunningServer) => server.cells.get(trust)!;
const journalsIn = (data: string): string[] => {
  const folder = join(data, "journal");
  if (!existsSync(folder)) return [];
  return readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
};
const pack = (file = "pack"): Promise<HoldfastEnd> => journal(archive.standby, "pack", file);
const take = (file = "pack", more: string[] = []): Promise<HoldfastEnd> => journal(archive.base, "take", file, more);
const journal = (data: string, verb: string, file: string, more: string[] = []): Promise<HoldfastEnd> =>
  runHoldfast(
    ["journal", verb, "--trust", trust, "--file", join(carried, file), "--passphrase", passphrase(), "--json", ...more],
    { HOLDFAST_DATA: data },
  );
const forget = (hex: string): Promise<HoldfastEnd> =>
  runHoldfast(["journal", "forget", "--trust", trust, "--fingerprint", hex, "--json"], {
    HOLDFAST_DATA: archive.standby,
  });
const passphrase = () => join(carried, "passphrase");

beforeAll(async () => {
  screen = await enrolTestDevice(base, "care", "DEMO-SCREEN-HARBOUR");
  const tablet = await enrolTestDevice(base, "crew");
  await push(base, tablet, await runOf(tablet, chain, incident));
  standby = await bootStandbyForTest(archive);
  const followed = async () =>
    (await countRows(standby, "care_line")) === 1 &&
    (await countRows(standby, "control_line")) >= (await countRows(base, "control_line"));
  await vi.waitUntil(followed, patience);
  await base.close();
});
afterAll(async () => {
  if (isUp) await standby?.close();
});

test("is refused with what to do where it says too little", async () => {
  await expectWronglyCalled(["journal"]);
  await expectWronglyCalled(["journal", "pack", "--trust", trust, "--file", "x"]);
  await expectWronglyCalled(["journal", "forget", "--trust", trust]);
  await expectWronglyCalled(["journal", "pack", "--trust", "nowhere", "--file", "x", "--passphrase", "y"]);
});

test("what was read and opened at a running standby is packed, and nobody reads it on the way", async () => {
  const nurse = await signInTestPerson(standby, screen, { userId: "s-nurse", roles: ["hospital-nurse"] });
  openedAt = Date.now();
  expect((await pull(standby, nurse, chain.recordId, glassReason)).lines).toHaveLength(1);
  const body = { code: "DEMO-SEALED-ONE-7K4M-QX2P", reason: sealedReason };
  const opened = await call(standby, {
    zone: "care",
    path: "/identity/v1/sign-in/break-glass",
    body,
    token: (await signInTestPerson(standby, screen)).token,
  });
  expect(opened.status).toBe(200);

  const { code, out, told } = await pack();
  expect([code, told]).toEqual([0, ""]);
  expect(JSON.parse(out)).toMatchObject({ openings: 1, accesses: expect.any(Number) });
  expect(JSON.parse(out).accesses).toBeGreaterThan(1);
  ({ fingerprint } = JSON.parse(out));
  const files = ["pack", "passphrase"].map((name) => join(carried, name));
  expect(files.map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600]);
  expect(readFileSync(files[0]!, "latin1")).not.toContain("PLANTED");
  // It overwrites nothing: an earlier pack may not have been taken yet.
  expect((await pack()).code).toBe(3);
});

test("what is no pack of this trust is refused, and nothing of it is taken", async () => {
  const good = readFileSync(join(carried, "pack"));
  const bad = Buffer.from(good);
  bad[bad.length - 5]! ^= 1;
  writeFileSync(join(carried, "changed"), bad);
  writeFileSync(join(carried, "other-passphrase"), "another, of more than twenty letters\n");
  writeFileSync(join(carried, "short"), "short\n");
  const elsewhere = ["--trust", "westvale"];
  const refused: [HoldfastEnd, string][] = [
    [await take("changed"), "does not open"],
    [await take("pack", ["--passphrase", join(carried, "other-passphrase")]), "does not open"],
    [await take("pack", ["--passphrase", join(carried, "short")]), "no passphrase of 20"],
    [await take("pack", elsewhere), "another trust's"],
    [await take("nothing"), "no such file"],
  ];
  for (const [{ code, told }, words] of refused) expect([code, told]).toEqual([3, expect.stringContaining(words)]);
  expect(journalsIn(archive.base)).toEqual([]);
});

test("the base that came back has it in its access log, with its time, and before its reviewers; once, however often it is taken", async () => {
  const planted = async () => {
    const desk = await openTestDesk(base, "g-one", ["governance"]);
    const { rows } = (await desk.get("reviews")).json<{ rows: { of: string; reason: string }[] }>();
    return rows.map(({ of, reason }) => `${of}: ${reason}`).sort();
  };
  const noted = async () => {
    const { pools, keyRing } = cell(base);
    const { rows } = await pools.control.query<{ hash: Buffer; sealed: Buffer }>(
      "SELECT hash, sealed FROM access_line",
    );
    return rows
      .map(({ hash, sealed }) => JSON.parse(keyRing.open("access", sealed, hash.toString("hex"))))
      .filter(({ notedAt }) => notedAt !== undefined);
  };
  for (let taken = 0; taken < 2; taken++) {
    const { code, out, told } = await take();
    expect([code, told]).toEqual([0, ""]);
    expect(JSON.parse(out).fingerprint).toBe(fingerprint);
  }
  const waiting = journalsIn(archive.base);
  expect(waiting.join("")).not.toContain("PLANTED");
  expect(waiting).toHaveLength(2);

  await base.restart();
  expect(await planted()).toEqual([`record: ${glassReason}`, `sealed-account: ${sealedReason}`]);
  const lines = await noted();
  const reasons = lines.filter(({ reason }) => reason === glassReason);
  expect(reasons.length).toBeGreaterThan(0);
  for (const { notedAt, person } of reasons) {
    expect(person.userId).toBe("s-nurse");
    expect(Date.parse(notedAt)).toBeGreaterThanOrEqual(openedAt);
    expect(Date.parse(notedAt)).toBeLessThan(Date.now());
  }
  const running = await take();
  expect([running.code, running.told]).toEqual([3, expect.stringContaining("running here")]);

  await base.close();
  const again = await take();
  const { accesses, openings, inLog } = JSON.parse(again.out);
  expect([again.code, inLog]).toEqual([0, accesses + openings]);
  expect(journalsIn(archive.base)).toEqual([]);
  await base.restart();
  expect(await planted()).toHaveLength(2);
  expect(await noted()).toHaveLength(lines.length);
});

test("a line that no standby notes is not taken, and holds up neither the others nor the base", async () => {
  const noted = (more: object) =>
    journalLine({
      of: "access",
      text: JSON.stringify({
        zone: "care",
        action: "refused",
        purpose: "security",
        relation: "none",
        recordIds: [],
        reason: "PLANTED by a caller without a device",
        notedAt: new Date().toISOString(),
        salt: "0".repeat(32),
        ...more,
      }),
    });
  const opening = { reviewId: crypto.randomUUID(), account: "nobody-knows", deviceId: screen.deviceId, zone: "care" };
  const openedAt = (at: string) =>
    journalLine({ of: "opening", text: JSON.stringify({ ...opening, reason: "Unknown", openedAt: at }) });
  const lines = [
    noted({}),
    noted({ recordIds: ["no uuid"] }),
    noted({ deviceId: "no uuid" }),
    noted({ reason: "\u0000" }),
    noted({ notedAt: "x" }),
    journalLine({ of: "access", text: "{}" }),
    noted({ offline: { id: crypto.randomUUID(), at: "-100000-01-01T00:00:00.000Z" } }),
    noted({ notedAt: "2026-99-99T00:00:00.000Z" }),
    openedAt("x"),
    openedAt("2026-11-23T03:00:00.000Z"),
    Buffer.from("no line\n"),
  ];
  const words = readFileSync(passphrase(), "utf8").trim();
  writeFileSync(join(carried, "odd"), await sealJournal(trust, lines, words));
  const count = async () => {
    const { rows } = await cell(base).pools.control.query(
      "SELECT FROM access_line WHERE device_id IS NULL AND given_id IS NOT NULL",
    );
    return rows.length;
  };
  const before = await count();
  for (let taken = 0; taken < 2; taken++) {
    await base.close();
    const { code, out } = await take("odd");
    expect([code, JSON.parse(out)]).toEqual([1, expect.objectContaining({ accesses: 1, openings: 1, unreadable: 9 })]);
    await base.restart();
    expect(await count()).toBe(before + 1);
    expect(journalsIn(archive.base)).toEqual([]);
  }
  const desk = await openTestDesk(base, "g-two", ["governance"]);
  expect((await desk.get("reviews")).text).toContain("Unknown");
  // Handed over by another server, it is still one line.
  const { pools, keyRing } = cell(base);
  const log = createAccessLog(pools.care, keyRing, openLocalJournal(join(carried, "journal", "again")), () => {});
  const text = JSON.parse(lines[0]!.toString()).text as string;
  const hash = createHash("sha256").update(text).digest("hex");
  await openLocalJournal(join(carried, "journal", "again")).add({
    hash,
    sealed: keyRing.seal("access", text, hash).toString("base64"),
  });
  await log.drain();
  expect(await count()).toBe(before + 1);
});

test("taking is for a base, and forgetting for a standby", async () => {
  await base.close();
  const { code, told } = await runHoldfast(["journal", "forget", "--trust", trust, "--fingerprint", fingerprint], {
    HOLDFAST_DATA: archive.base,
  });
  expect([code, told]).toEqual([3, expect.stringContaining("is not a standby's")]);
});

test("the standby forgets them once the base has them, and nothing that came since", async () => {
  expect((await forget(fingerprint)).told).toContain("running here");
  const nurse = await signInTestPerson(standby, screen, { userId: "s-nurse", roles: ["hospital-nurse"] });
  await pull(standby, nurse, chain.recordId, glassReason);
  isUp = false;
  await standby.close();
  const refused = await forget(fingerprint);
  expect([refused.code, refused.told]).toEqual([3, expect.stringContaining("more was noted since")]);
  expect(journalsIn(archive.standby)).toHaveLength(2);

  const again = JSON.parse((await pack("later")).out);
  expect(again.fingerprint).not.toBe(fingerprint);
  expect((await forget(again.fingerprint)).code).toBe(0);
  expect(journalsIn(archive.standby)).toEqual([]);
});
