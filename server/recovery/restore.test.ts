import { hash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { joinIdentity } from "#server/archive/officers.ts";
import { aboutBlob } from "#server/blobs/blob-store.ts";
import type { KeyRing } from "#server/sealing/key-ring.ts";
import { call } from "#test/boot.ts";
import { enrolTestDevice, incident, note, pull, push, runOf, southgate, testChain } from "#test/devices.ts";
import { openDisposals } from "#test/disposal.ts";
import { sql } from "#test/postgres.ts";
import { sendBlob } from "#test/send-blob.ts";
import { type EmptyMachine, useArchive, useArchivedBase, useMachines } from "#test/set-up.ts";
import { projectionTables } from "../projection/rebuild.ts";
import { type RestoreParts, restore } from "./restore.ts";

const trust = "northmoor";
/** Two pieces in the archive, and some. */
const ecg = Buffer.from(Array.from({ length: 2_200_000 }, (_, i) => (i * 31 + (i >> 8)) % 251));
const archive = useArchive();
const base = useArchivedBase(archive, "by-itself");
const emptyMachine = useMachines(trust);

/** Written at the base by a tablet, a screen and a desk, quarantined bytes and reads among it. */
const fill = async (): Promise<void> => {
  const tablet = await enrolTestDevice(base, "crew");
  for (let record = 0; record < 5; record++) {
    const chain = testChain();
    const patient = {
      kind: "patient",
      body: { identity: "stated", familyName: `PLANTED-${record}`, givenName: "Testcase" },
    };
    const prealert = { kind: "prealert", body: { site: southgate, concern: "Chest pain" } };
    await push(base, tablet, await runOf(tablet, chain, incident, patient, note("PLANTED-NOTE"), prealert));
    await pull(base, tablet, chain.recordId);
  }
  const stranger = { ...tablet, deviceId: tablet.deviceId.replace(/.$/, (last) => (last === "0" ? "1" : "0")) };
  await push(base, tablet, await runOf(stranger, testChain(), incident));
  const recorded = testChain();
  await sendBlob(base, tablet, recorded.recordId, ecg, "application/vnd.holdfast.ecg");
  const mime = "application/vnd.holdfast.ecg";
  const refersTo = { ...note("PLANTED-ECG"), blobs: [{ sha256: hash("sha256", ecg), bytes: ecg.length, mime }] };
  await push(base, tablet, await runOf(tablet, recorded, incident, refersTo));
  const [ended, again] = [testChain(), testChain()];
  for (const chain of [ended, again]) {
    await push(base, tablet, await runOf(tablet, chain, incident, note("PLANTED-DISPOSED")));
    await sendBlob(base, tablet, chain.recordId, Buffer.from("PLANTED-DISPOSED in a picture"), "image/png");
  }
  // In the archive before its record ends: the restore is to leave it there.
  await blobsArchived();
  const desks = await openDisposals(base);
  for (const { recordId } of [ended, again]) {
    await desks.propose(recordId);
    expect((await desks.decide((await desks.waiting(recordId))!)).json()).toEqual({ state: "done" });
  }
  // A tablet that was away goes on in it.
  await push(base, tablet, await runOf(tablet, again, note("PLANTED-LATE")));
  await sendBlob(base, tablet, again.recordId, Buffer.from("PLANTED-LATE in a picture"), "image/png");
  const screen = await enrolTestDevice(base, "care");
  await call(base, { zone: "care", path: "/arrivals/v1", token: screen.token });
};
const blobsArchived = () =>
  vi.waitUntil(
    async () => {
      const url = base.cells.get(trust)!.databaseUrl("owner");
      return (await sql(url, "SELECT FROM blob WHERE archived IS NULL")).length === 0;
    },
    { timeout: 60_000 },
  );
const headOf = async (url: string): Promise<Record<string, number>> => {
  const rows = await sql<{ log: string; position: string }>(url, "SELECT log, position FROM log_head");
  return Object.fromEntries(rows.map(({ log, position }) => [log, Number(position)]));
};
const archived = async (): Promise<void> => {
  const heads = await headOf(base.cells.get(trust)!.databaseUrl("owner"));
  for (const log of ["care", "access", "control"] as const)
    await vi.waitUntil(async () => (await archive.reader.end(trust, log)).last === heads[log], { timeout: 60_000 });
  await blobsArchived();
};

beforeAll(async () => {
  await fill();
  await archived();
});
const asked = async ({ url, keyRing }: EmptyMachine, more: Partial<RestoreParts> = {}): Promise<RestoreParts> => ({
  url,
  keyRing,
  trust,
  letterbox: archive.reader,
  logKeys: archive.logKeys(trust),
  identity: await archive.recoveryIdentity(trust),
  ...more,
});

/** Every table but who is signed in, with sealed columns as what they say. */
const contents = async (url: string, keyRing: KeyRing): Promise<Record<string, unknown[]>> => {
  const opened: Record<string, unknown[]> = {};
  const tables = await sql<{ name: string }>(
    url,
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename",
  );
  const keys = await sql<{ record_id: string; wrapped: Buffer }>(url, "SELECT * FROM record_key");
  const gone = await sql<{ record_id: string; through_position: string }>(url, "SELECT * FROM disposed_record");
  const ended = new Map(gone.map((row) => [row.record_id, Number(row.through_position)]));
  const keyOf = new Map(keys.map((row) => [row.record_id, keyRing.recordKey(row.record_id, row.wrapped)]));
  for (const { name } of tables.filter((table) => !notRestored.has(table.name))) {
    const rows = await sql<Record<string, unknown>>(url, `SELECT * FROM ${name}`);
    opened[name] = rows.map((row) => JSON.stringify(openRow(name, row, keyRing, keyOf, ended))).sort();
  }
  return opened;
};
/** Sessions, and what was shown for them; this life's own name; who was heard when; what was applied when; the blind index, which has another key. */
const notRestored = new Set([
  "session",
  "used_once",
  "pin_try",
  "life",
  "device_heartbeat",
  "claimed_head",
  "migration",
  "search_token",
  "record_key",
  "archive_mark",
]);

const aboutBlobRow = (row: Record<string, unknown>, part: number | "type"): string =>
  aboutBlob(row.record_id as string, (row.sha256 as Buffer).toString("hex"), part);

const openRow = (
  table: string,
  { sealed, sealed_type, ...row }: Record<string, unknown>,
  keyRing: KeyRing,
  keys: ReadonlyMap<string, ReturnType<KeyRing["recordKey"]>>,
  ended: ReadonlyMap<string, number>,
): Record<string, unknown> => {
  const hash = row.hash as Buffer;
  const of = (): string => {
    switch (table) {
      case "care_line":
        if (ended.has(row.record_id as string) && Number(row.position) <= ended.get(row.record_id as string)!)
          return "gone";
        return keys
          .get(row.record_id as string)!
          .open(sealed as Buffer, hash)
          .toString();
      case "access_line":
        return keyRing.open("access", sealed as Buffer, hash.toString("hex"));
      case "control_line":
        return keyRing.open("control", sealed as Buffer, hash.toString("hex"));
      case "subject":
        return keyRing.open("subject", sealed as Buffer, `${row.kind}\n${row.subject_id}`);
      case "blob":
        return keyRing.open("blob", sealed_type as Buffer, aboutBlobRow(row, "type"));
      case "blob_chunk":
        return keyRing.openBytes("blob", sealed as Buffer, aboutBlobRow(row, Number(row.start))).toString("base64");
      case "arrival":
        return keyRing.open("arrival", sealed as Buffer, `${row.record_id}\n${row.site_id}`);
      default:
        return "";
    }
  };
  return { ...row, ...((sealed ?? sealed_type) !== undefined && { says: of() }) };
};

describe("a restore from the archive and two officers' shares alone", () => {
  test("has every table as the base has it, sessions apart, under keys of its own", async () => {
    const machine = await emptyMachine();
    const restored = await restore(await asked(machine));
    expect(restored.logs.map(({ broken }) => broken)).toEqual([undefined, undefined, undefined]);
    const cell = base.cells.get(trust)!;
    const [was, is] = [
      await contents(cell.databaseUrl("owner"), cell.keyRing),
      await contents(machine.url, machine.keyRing),
    ];
    expect(Object.keys(was)).toEqual(
      expect.arrayContaining([...projectionTables.filter((table) => table !== "search_token")]),
    );
    expect(was.care_line!.length).toBeGreaterThan(20);
    expect(was.access_line!.length).toBeGreaterThan(5);
    expect(is).toEqual(was);
    expect(was.blob).toHaveLength(2);
    expect(was.blob_chunk!.length).toBeGreaterThan(20);
    expect(restored.blobs).toEqual({ restored: 2, leftOut: 2, altered: [], missing: [] });
    expect(restored.byKind).toMatchObject({ note: 7, prealert: 5, incident: 6, quarantined: 1 });
    expect(restored.byKind["disposed of"]).toBe(4);
    expect(JSON.stringify(is)).toContain("PLANTED-LATE");
    expect(JSON.stringify(is)).not.toContain("PLANTED-DISPOSED");
    const tokens = async (url: string) =>
      (await sql(url, "SELECT record_id FROM search_token ORDER BY record_id")).length;
    expect(await tokens(machine.url)).toBe(await tokens(cell.databaseUrl("owner")));
  });

  test("opens nothing with one share, with the base's own files, or with another trust's identity", async () => {
    const share = readFileSync(join(archive.officers, `${trust}.share-1`), "utf8");
    await expect(joinIdentity([share])).rejects.toThrow("Any 2 of the 3");
    await expect(joinIdentity([share, share])).rejects.toThrow("Any 2 of the 3");
    const other = readFileSync(join(archive.officers, "westvale.share-2"), "utf8");
    await expect(joinIdentity([share, other])).rejects.toThrow("do not belong together");
    const machine = await emptyMachine();
    const { logs, records } = await restore(await asked(machine, { identity: archive.standbyIdentity("westvale") }));
    expect(logs.map(({ lines, broken }) => [lines, broken?.fault])).toEqual([
      [0, "other-key"],
      [0, "other-key"],
      [0, "other-key"],
    ]);
    expect(records).toBe(0);
  });

  test("goes on where it was interrupted", async () => {
    const machine = await emptyMachine();
    let reads = 0;
    const failing: RestoreParts["letterbox"] = {
      ...archive.reader,
      read: async (...which) => {
        reads += 1;
        if (reads % 2 === 0) throw new Error("the line went dead");
        return archive.reader.read(...which);
      },
    };
    const again = async (): Promise<number> => {
      for (let tries = 1; ; tries++) {
        const done = await restore(await asked(machine, { letterbox: failing })).catch(() => null);
        if (done !== null) return tries;
        if (tries > 100) throw new Error("It never ended.");
      }
    };
    expect(await again()).toBeGreaterThan(2);
    const cell = base.cells.get(trust)!;
    // What is projected is read from the database here, and was kept from the archive above.
    expect(await contents(machine.url, machine.keyRing)).toEqual(
      await contents(cell.databaseUrl("owner"), cell.keyRing),
    );
  });
});
