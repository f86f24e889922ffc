import { generateKeyPairSync } from "node:crypto";
import { chmodSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { beforeAll, expect, test, vi } from "vitest";
import { pieceBytes, sealPiece } from "#server/archive/blob-piece.ts";
import { directoryStore } from "#server/archive/directory-store.ts";
import { createLetterbox } from "#server/archive/letterbox.ts";
import { createBlobStore } from "#server/blobs/blob-store.ts";
import { incident, note, push, runOf, testChain } from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import { sendBlob } from "#test/send-blob.ts";
import { type EmptyMachine, useArchive, useArchivedBase, useDevice, useFolder, useMachines } from "#test/set-up.ts";
import { openLogKey } from "../archive/log-key.ts";
import { type RestoreParts, restore } from "./restore.ts";

const trust = "northmoor";
const type = "application/vnd.holdfast.ecg";
/** What each is for; all but the last are spoiled below. */
const spoils = ["changed", "torn", "cut", "swapped", "swapped back", "forged", "mixed", "removed", "good"] as const;
type Spoil = (typeof spoils)[number];
interface Sent {
  recordId: string;
  sha256: string;
  data: Buffer;
  object: string;
  started: string;
}

const archive = useArchive();
const base = useArchivedBase(archive, "by-itself");
const tablet = useDevice(base, "crew");
const emptyMachine = useMachines(trust);
const spoiledFolder = useFolder("spoiled");
const sent = new Map<Spoil, Sent>();

beforeAll(async () => {
  for (const [i, spoil] of spoils.entries()) {
    const data = Buffer.from(Array.from({ length: pieceBytes + 5_000 }, (_, at) => (at * 31 + i + (at >> 8)) % 251));
    const chain = testChain();
    const sha256 = await sendBlob(base, tablet, chain.recordId, data, type);
    const refersTo = { ...note("PLANTED"), blobs: [{ sha256, bytes: data.length, mime: type }] };
    await push(base, tablet, await runOf(tablet, chain, incident, refersTo));
    sent.set(spoil, { recordId: chain.recordId, sha256, data, object: "", started: "" });
  }
  const url = base.cells.get(trust)!.databaseUrl("owner");
  await vi.waitUntil(async () => (await sql(url, "SELECT FROM blob WHERE archived IS NULL")).length === 0, 60_000);
  const [head] = await sql<{ position: string }>(url, "SELECT position FROM log_head WHERE log = 'care'");
  await vi.waitUntil(async () => (await archive.reader.end(trust, "care")).last === Number(head!.position), 60_000);
  type Row = { record_id: string; archived: string; started: Date };
  for (const { record_id, archived, started } of await sql<Row>(url, "SELECT * FROM blob")) {
    const each = [...sent.values()].find(({ recordId }) => recordId === record_id)!;
    Object.assign(each, { object: archived, started: started.toISOString() });
  }
});
const restored = async ({ url, keyRing }: EmptyMachine, letterbox: RestoreParts["letterbox"] = archive.reader) => {
  const identity = await archive.recoveryIdentity(trust);
  return (await restore({ url, keyRing, trust, letterbox, logKeys: archive.logKeys(trust), identity })).blobs;
};
/** As the crew's zone reads it; undefined where it is not there. */
const bytesIn = async ({ url, keyRing }: EmptyMachine, { recordId, sha256, data }: Sent) => {
  const pool = new pg.Pool({ connectionString: url });
  const store = createBlobStore({ crew: pool, care: pool }, keyRing, 1);
  try {
    const state = await store.state(undefined, recordId, sha256);
    return state && (await store.read(undefined, recordId, sha256, 0, data.length - 1));
  } finally {
    await pool.end();
  }
};
const whole = { leftOut: 0, altered: [], missing: [], restored: spoils.length };

test("an interrupted restore goes on, reads nothing twice that it has, and has the exact bytes at its end", async () => {
  const machine = await emptyMachine();
  const reads: string[] = [];
  const failing: RestoreParts["letterbox"] = {
    ...archive.reader,
    readBlob: async (of, name) => {
      reads.push(name);
      if (reads.length % 8 === 0) throw new Error("the line went dead");
      return archive.reader.readBlob(of, name);
    },
  };
  const proof = await vi.waitUntil(() => restored(machine, failing).catch(() => undefined), { timeout: 60_000 });
  expect(proof).toEqual(whole);
  const interruptions = Math.floor(reads.length / 8);
  expect(interruptions).toBeGreaterThan(1);
  // At most the blob that it was in the middle of.
  expect(reads.length).toBeLessThanOrEqual(spoils.length * 2 + interruptions * 2);
  for (const each of sent.values()) expect((await bytesIn(machine, each))!.equals(each.data)).toBe(true);
  const before = reads.length;
  expect(await restored(machine, failing)).toEqual(whole);
  expect(reads.length).toBe(before);
});

/** The archive's files as somebody left them who holds its disk, and for `forged` and `mixed` the base's keys too. */
const spoiled = async (): Promise<RestoreParts["letterbox"]> => {
  cpSync(join(archive.letterboxDirectory, "segments"), spoiledFolder, { recursive: true });
  const folder = join(spoiledFolder, trust, "blobs");
  const pathOf = (spoil: Spoil, piece = 1) =>
    join(folder, readdirSync(folder).filter((name) => name.startsWith(sent.get(spoil)!.object))[piece - 1]!);
  const put = (path: string, bytes: Buffer) => {
    chmodSync(path, 0o600);
    writeFileSync(path, bytes);
  };
  const of = (spoil: Spoil, piece = 1) => readFileSync(pathOf(spoil, piece));
  put(pathOf("changed"), Buffer.from(of("changed").map((byte, i) => (i === 5_000 ? byte ^ 1 : byte))));
  put(pathOf("torn", 2), of("torn", 2).subarray(0, -100));
  rmSync(pathOf("cut", 2));
  const [one, other] = [of("swapped"), of("swapped back")];
  put(pathOf("swapped"), other);
  put(pathOf("swapped back"), one);
  const sealed = (spoil: Spoil, key: Parameters<typeof sealPiece>[4], bytes: Buffer) => {
    const { object, recordId, sha256, data, started } = sent.get(spoil)!;
    const about = { trust, object, piece: 1, sealedAt: new Date().toISOString() };
    const blob = { recordId, sha256, bytes: data.length, type, started };
    return sealPiece(about, blob, bytes, archive.recipients(trust), key);
  };
  const first = (spoil: Spoil) => sent.get(spoil)!.data.subarray(0, pieceBytes);
  put(pathOf("forged"), await sealed("forged", generateKeyPairSync("ed25519").privateKey, first("forged")));
  const { keyRing } = base.cells.get(trust)!;
  put(pathOf("mixed"), await sealed("mixed", openLogKey(archive.base, trust, keyRing), first("good")));
  for (const piece of [2, 1]) rmSync(pathOf("removed", piece));
  return createLetterbox({ store: directoryStore(spoiledFolder), logKeys: () => [] });
};

test("whatever was changed, torn, swapped, forged or removed is named, the rest is taken, and a good copy mends it", async () => {
  const machine = await emptyMachine();
  const { altered, missing, ...counts } = await restored(machine, await spoiled());
  expect(counts).toEqual({ restored: 1, leftOut: 0 });
  expect(new Map(altered.map(({ object, fault }) => [object, fault]))).toEqual(
    new Map(
      (
        [
          ["changed", "changed"],
          ["torn", "changed"],
          ["cut", "incomplete"],
          ["swapped", "other-place"],
          ["swapped back", "other-place"],
          ["forged", "bad-signature"],
          ["mixed", "wrong-bytes"],
        ] as const
      ).map(([spoil, fault]) => [sent.get(spoil)!.object, fault]),
    ),
  );
  const lost = spoils.filter((spoil) => spoil !== "good").map((spoil) => sent.get(spoil)!);
  expect(new Set(missing)).toEqual(new Set(lost.map(({ recordId, sha256 }) => ({ recordId, sha256 }))));
  for (const each of lost) expect(await bytesIn(machine, each)).toBeUndefined();
  const good = sent.get("good")!;
  expect((await bytesIn(machine, good))!.equals(good.data)).toBe(true);
  expect(await restored(machine)).toEqual(whole);
});
