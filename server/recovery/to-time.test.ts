import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { LogName } from "#defence/log/line.ts";
import { rootOf } from "#defence/log/tree.ts";
import { enrolNodeDevice, type NodeDevice, syncAll } from "#demo/node-client.ts";
import type { LeftOutRow } from "#protocol/control/left-out.ts";
import type { Page } from "#protocol/control/page.ts";
import { readConfig } from "#server/config.ts";
import { keepLeftOut, leftOutJournal } from "#server/epochs/left-out.ts";
import { officerKeyPath, readOfficerKey, readOfficers } from "#server/epochs/officers.ts";
import { withSignature } from "#server/epochs/opening.ts";
import { prepareOpening, promote } from "#server/epochs/promote.ts";
import { openCluster } from "#server/postgres/cluster.ts";
import { createKeyRing } from "#server/sealing/key-ring.ts";
import { fileTrustKey } from "#server/sealing/trust-key.ts";
import { startTestArchive, type TestArchive } from "#test/archive.ts";
import { bootForTest, type TestServer } from "#test/boot.ts";
import { openTestDesk } from "#test/desk.ts";
import { controlLogOf } from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import { sealEverything } from "../archive/archiver.ts";
import { sha256 } from "../archive/hashing.ts";
import { openLogKey } from "../archive/log-key.ts";
import { frontierAt } from "../archive/log-lines.ts";
import { type Restored, type RestoreParts, restore } from "./restore.ts";

const trust = "northmoor";
const records = 4;
let archive: TestArchive;
let base: TestServer;
let tablet: NodeDevice;
let ports: TestServer["ports"];
/** The instant that is asked for: when the base received the last of what is wanted. */
let toTime: Date;
/** Entry id → hash, at that instant and at the end. */
let wanted: Map<string, string>;
let all: Map<string, string>;
/** Root of the care log's tree at that instant, and how many lines each log had at the end. */
let root: string;
let ends: Record<LogName, number>;

const write = async (text: string): Promise<void> => {
  const author = { userId: "n-okafor", name: "Amara Okafor", role: "Paramedic", signIn: "pin" } as const;
  for (let record = 0; record < records; record++) {
    const recordId = crypto.randomUUID().replace(/^(.{8})-(.{4})-4/, "01990000-0000-7");
    await tablet.replica.write({
      recordId,
      author,
      kind: "incident",
      body: { callSign: "NM201", crew: [], demonstration: true },
    });
    await tablet.replica.write({ recordId, author, kind: "note", body: { text: `${text} ${record}` } });
  }
  await syncAll(tablet.replica);
};
const entriesOf = async (url: string): Promise<Map<string, string>> => {
  const rows = await sql<{ entry_id: string; hash: Buffer }>(url, "SELECT entry_id, hash FROM care_line");
  return new Map(rows.map(({ entry_id, hash }) => [entry_id, hash.toString("hex")]));
};
const rootAt = async (url: string, size: number): Promise<string> => {
  const pool = new pg.Pool({ connectionString: url });
  const frontier = await frontierAt(pool, "care", size);
  await pool.end();
  return Buffer.from(rootOf(sha256, frontier)).toString("hex");
};

beforeAll(async () => {
  archive = await startTestArchive();
  // What seals is the test's own: one segment of each log, and the instant is in its midst.
  base = await bootForTest({ data: archive.base, settings: { HOLDFAST_LETTERBOX: "http://127.0.0.1:9" } });
  ({ ports } = base);
  tablet = await enrolNodeDevice({ host: `crew.${trust}.localhost`, port: ports.crew, code: "DEMO-TABLET-1" });
  const cell = base.cells.get(trust)!;
  const owner = cell.databaseUrl("owner");
  await write("DEMO wanted");
  wanted = await entriesOf(owner);
  root = await rootAt(owner, wanted.size);
  const [last] = await sql<{ at: Date }>(owner, "SELECT max(received) AS at FROM care_line");
  toTime = last!.at;
  // By the base's clock it is later now.
  await vi.waitUntil(async () => (await sql<{ now: Date }>(owner, "SELECT now() AS now"))[0]!.now > toTime);
  await write("DEMO later");
  all = await entriesOf(owner);
  const planted = { kind: "setting", id: "planted", state: { words: "PLANTED" }, by: { userId: "n-banda" } } as const;
  await controlLogOf(base).append([planted]);
  // The base's clock went back for a moment, in the midst of what is not wanted.
  await sql(owner, "UPDATE care_line SET received = $1 WHERE position = $2", [toTime, wanted.size + 3]);
  await sealEverything({
    trust,
    pool: cell.pools.archive,
    keyRing: cell.keyRing,
    letterbox: archive.client("append"),
    logKey: openLogKey(archive.base, trust, cell.keyRing),
    recipients: archive.recipients(trust),
  });
  const heads = await sql<{ log: LogName; position: string }>(owner, "SELECT log, position FROM log_head");
  ends = Object.fromEntries(heads.map(({ log, position }) => [log, Number(position)])) as typeof ends;
  await base.remove();
});
afterAll(async () => {
  tablet?.close();
  await archive?.remove();
});

/** Works on an empty machine that never held the base's disk, keys or secrets. */
const onEmptyMachine = async <T>(
  work: (
    data: string,
    url: string,
    restoreTo: (toTime: Date, more?: Partial<RestoreParts>) => Promise<Restored>,
  ) => Promise<T>,
): Promise<T> => {
  const data = mkdtempSync(join(tmpdir(), "holdfast-to-time-"));
  const cluster = await openCluster(readConfig({ HOLDFAST_DATA: data }));
  try {
    await cluster.prepare(trust);
    const url = cluster.url(trust, "owner");
    const keyRing = createKeyRing(fileTrustKey(data, trust));
    const identity = await archive.recoveryIdentity(trust);
    const asked = { url, keyRing, trust, letterbox: archive.reader, logKeys: archive.logKeys(trust), identity };
    return await work(data, url, (instant, more = {}) => restore({ ...asked, toTime: instant, ...more }));
  } finally {
    await cluster.stop();
  }
};
/** The line goes dead before the last of the three logs: the others are there, each in part of a segment. */
const failing = (): RestoreParts["letterbox"] => ({
  ...archive.reader,
  read: async (of, log, name) => {
    if (log === "access") throw new Error("the line went dead");
    return archive.reader.read(of, log, name);
  },
});

describe("a restore to an instant", () => {
  test("interrupted, goes on; has every line until then and none after, proves that, and tablets bring the rest", async () => {
    const data = await onEmptyMachine(async (folder, url, restoreTo) => {
      await expect(restoreTo(toTime, { letterbox: failing() })).rejects.toThrow("the line went dead");
      expect((await entriesOf(url)).size).toBe(wanted.size);
      const proof = await restoreTo(toTime);
      const care = proof.logs.find(({ log }) => log === "care")!;
      expect(care).toEqual({
        log: "care",
        lines: wanted.size,
        epoch: 1,
        root,
        lastReceived: toTime.toISOString(),
        leftOut: ends.care - wanted.size,
      });
      expect(await rootAt(url, wanted.size)).toBe(root);
      expect(await entriesOf(url)).toEqual(wanted);
      for (const { log, lines, leftOut, broken } of proof.logs)
        expect([lines + leftOut, broken]).toEqual([ends[log], undefined]);
      // Again is the same.
      expect((await restoreTo(toTime)).logs).toEqual(proof.logs);

      const { leftOutChanges } = proof;
      const change = { kind: "setting", id: "planted", position: ends.control, by: { userId: "n-banda" } };
      expect(leftOutChanges).toEqual([{ ...change, epoch: 1, received: expect.any(String), hash: expect.any(String) }]);
      const keyRing = createKeyRing(fileTrustKey(folder, trust));
      const parts = { trust, url, dataDirectory: folder, keyRing, letterbox: archive.reader };
      const officers = readOfficers(archive.officers, trust);
      const keys = { identity: await archive.recoveryIdentity(trust), logKeys: archive.logKeys(trust) };
      // Whoever goes on from here by an opening is told the same.
      const prepared = await prepareOpening({ ...parts, officers, archive: keys });
      expect(prepared.leftOutChanges).toEqual(leftOutChanges);
      // As the command does, each time that it is run.
      const journal = leftOutJournal(folder, trust);
      for (let runs = 0; runs < 2; runs++) await keepLeftOut(keyRing, journal, leftOutChanges);
      // The control: one that the log has, since somebody restored on from an earlier instant.
      const [first] = await sql<{ hash: Buffer }>(url, "SELECT hash FROM control_line WHERE position = 1");
      await keepLeftOut(keyRing, journal, [
        { ...leftOutChanges[0]!, hash: first!.hash.toString("hex"), id: "happened" },
      ]);
      expect(readFileSync(join(folder, "journal", `${trust}.left-out`), "utf8")).not.toContain("planted");
      return folder;
    });
    const settings = { HOLDFAST_CREW_PORT: String(ports.crew) };
    const restored = await bootForTest({ data, settings });
    try {
      await vi.waitUntil(async () => (await syncAll(tablet.replica)).result === "done", { timeout: 60_000 });
      expect(await entriesOf(restored.cells.get(trust)!.databaseUrl("owner"))).toEqual(all);
      // The desk lists it once, also after another start.
      await restored.restart();
      const desk = await openTestDesk(restored, "g-one", ["governance"]);
      const { rows, total } = (await desk.get("left-out")).json<Page<LeftOutRow>>();
      expect([total, rows]).toEqual([1, [expect.objectContaining({ kind: "setting", name: "planted" })]]);
      expect(rows[0]!.by).toBe("Grace Banda");
    } finally {
      await restored.remove();
    }
  });

  test("after the last change leaves none out", async () => {
    const data = await onEmptyMachine(async (folder, _url, restoreTo) => {
      const { leftOutChanges, logs } = await restoreTo(new Date());
      expect([leftOutChanges, logs.map(({ leftOut }) => leftOut)]).toEqual([[], [0, 0, 0]]);
      return folder;
    });
    rmSync(data, { recursive: true, force: true });
  });

  test("takes no database that holds later lines, or others", async () => {
    const data = await onEmptyMachine(async (folder, url, restoreTo) => {
      await restoreTo(toTime);
      const earlier = new Date(toTime.getTime() - 3_600_000);
      await expect(restoreTo(earlier)).rejects.toMatchObject({ code: "other-lines" });
      // Also where the instant lies in the midst of a segment, however often it is tried; and the log goes on from where it is.
      const received = await sql<{ at: Date }>(url, "SELECT DISTINCT received AS at FROM control_line ORDER BY 1");
      expect(received.length).toBeGreaterThan(2);
      for (const { at } of received.slice(-5, -1))
        for (let again = 0; again < 2; again++)
          await expect(restoreTo(at)).rejects.toMatchObject({ code: "other-lines" });
      const [head] = await sql(
        url,
        "SELECT position AS at, (SELECT max(position) FROM control_line) AS last FROM log_head WHERE log = 'control'",
      );
      expect(head!.at).toBe(head!.last);
      await restoreTo(toTime);
      await sql(url, "UPDATE care_line SET received = received - interval '1 second' WHERE position = 1");
      await expect(restoreTo(toTime)).rejects.toMatchObject({ code: "other-lines" });
      return folder;
    });
    rmSync(data, { recursive: true, force: true });
  });

  test("that an epoch goes on from keeps the list before the archive is closed to what it left out", async () => {
    const data = await onEmptyMachine(async (folder, url, restoreTo) => {
      await restoreTo(toTime);
      const keyRing = createKeyRing(fileTrustKey(folder, trust));
      const officers = readOfficers(archive.officers, trust);
      const keys = { identity: await archive.recoveryIdentity(trust), logKeys: archive.logKeys(trust) };
      const parts = { trust, url, dataDirectory: folder, keyRing, letterbox: archive.reader, officers, archive: keys };
      const { opening } = await prepareOpening(parts);
      const officerKey = (officer: number) => readOfficerKey(officerKeyPath(archive.officers, trust, officer));
      const signed = [1, 2].map(officerKey).reduce(withSignature, opening);
      await promote(parts, signed);
      // Interrupted after that and run again, it asks the archive no more.
      await promote(parts, signed);
      return folder;
    });
    const promoted = await bootForTest({ data });
    try {
      const desk = await openTestDesk(promoted, "g-one", ["governance"]);
      const { rows } = (await desk.get("left-out")).json<Page<LeftOutRow>>();
      expect(rows).toEqual([expect.objectContaining({ kind: "setting", name: "planted" })]);
    } finally {
      await promoted.remove();
    }
  });
});
