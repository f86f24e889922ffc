import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { incident, push, runOf, testChain } from "#test/devices.ts";
import { sql } from "#test/postgres.ts";
import { sendBlob } from "#test/send-blob.ts";
import { useArchive, useArchivedBase, useDevice } from "#test/set-up.ts";
import type { ArchiveFault, ArchiveLane } from "./archive-fault.ts";
import { type ArchiverParts, sealEverything, startArchiver } from "./archiver.ts";
import { sealBlobs } from "./blob-archiver.ts";
import { objectName, pieceBytes, readPiece, sealPiece } from "./blob-piece.ts";
import { openLogKey } from "./log-key.ts";

const trust = "northmoor";
const archive = useArchive();
const base = useArchivedBase(archive, "when-told");
const tablet = useDevice(base, "crew");

const partsWith = (more: Partial<ArchiverParts> = {}): ArchiverParts => {
  const { pools, keyRing } = base.cells.get(trust)!;
  const logKey = openLogKey(archive.base, trust, keyRing);
  const recipients = archive.recipients(trust);
  return { trust, pool: pools.archive, keyRing, letterbox: archive.client("append"), logKey, recipients, ...more };
};
const owner = (text: string, values?: unknown[]) => sql(base.cells.get(trust)!.databaseUrl("owner"), text, values);
/** Spoils a blob's bytes at rest; once more mends them. */
const flip = "UPDATE blob_chunk SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1) WHERE record_id = $1";
let made = 0;
const sendSome = async (bytes = 1_000): Promise<string> => {
  made += 1;
  const { recordId } = testChain();
  await sendBlob(base, tablet, recordId, Buffer.alloc(bytes, made), "image/jpeg");
  return recordId;
};
const folder = (): string => join(archive.letterboxDirectory, "segments", trust, "blobs");
const names = (): string[] => {
  try {
    return readdirSync(folder());
  } catch {
    return [];
  }
};

describe("the archiver of blobs", () => {
  test("hands each whole one over once, in pieces, and tells how many wait", async () => {
    const waiting: number[] = [];
    await sendSome(2 * pieceBytes + 1);
    await sendSome();
    // Not whole yet.
    await owner("INSERT INTO blob (record_id, sha256, bytes, sealed_type) VALUES (gen_random_uuid(), '\\x00', 5, '')");
    expect(await sealBlobs(partsWith({ onBlobsWaiting: (blobs) => waiting.push(blobs) }))).toBe(2);
    expect(waiting).toEqual([2, 1, 0]);
    expect(names()).toHaveLength(4);
    expect(await sealBlobs(partsWith())).toBe(0);
  });

  test("keeps one object of a blob whose answer, or whose mark, was lost at any piece", async () => {
    await sendSome(2 * pieceBytes + 1);
    const before = names().length;
    const { letterbox } = partsWith();
    let taken = 0;
    const lossy: ArchiverParts["letterbox"] = {
      ...letterbox,
      takeBlob: async (...file) => {
        await letterbox.takeBlob(...file);
        taken += 1;
        if (taken % 2 === 0) throw new Error("the answer was lost");
      },
    };
    await expect(sealBlobs(partsWith({ letterbox: lossy }))).rejects.toMatchObject({ fault: "refused" });
    const first = names().map((name) => readFileSync(join(folder(), name)).toString("base64"));
    expect(await sealBlobs(partsWith())).toBe(1);
    await owner("UPDATE blob SET archived = NULL WHERE complete");
    await sealBlobs(partsWith());
    const now = names().map((name) => readFileSync(join(folder(), name)).toString("base64"));
    expect(names()).toHaveLength(before + 3);
    expect(now).toEqual(expect.arrayContaining(first));
  });

  test("tells of one that was changed at rest, seals the others, and seals it once it is mended", async () => {
    const spoiled = await sendSome();
    const good = await sendSome();
    const isArchived = async (recordId: string) =>
      (await owner("SELECT FROM blob WHERE record_id = $1 AND archived IS NOT NULL", [recordId])).length === 1;
    await owner(flip, [spoiled]);
    await expect(sealBlobs(partsWith())).rejects.toMatchObject({ fault: "unreadable" });
    expect([await isArchived(spoiled), await isArchived(good)]).toEqual([false, true]);
    await owner(flip, [spoiled]);
    expect(await sealBlobs(partsWith())).toBe(1);
  });

  test("reads one that was changed at rest again after a while, and not at every turn", async () => {
    const recordId = await sendSome();
    await owner(flip, [recordId]);
    const faults: [ArchiveLane, ArchiveFault][] = [];
    const onFault = (lane: ArchiveLane, fault: ArchiveFault) => void faults.push([lane, fault]);
    const archiver = startArchiver(partsWith({ onFault, waits: { turnMs: 1, afterFaultMs: 3_600_000 } }));
    await vi.waitUntil(() => faults.length > 0, { timeout: 60_000 });
    // Turns of the other lanes go by meanwhile.
    for (let turn = 0; turn < 3; turn++) {
      const { last } = await archive.reader.end(trust, "care");
      await push(base, tablet, await runOf(tablet, testChain(), incident));
      await vi.waitUntil(async () => (await archive.reader.end(trust, "care")).last > last, { timeout: 60_000 });
    }
    await archiver.close();
    expect(faults).toEqual([["blobs", "unreadable"]]);
    await owner(flip, [recordId]);
    expect(await sealBlobs(partsWith())).toBe(1);
  });

  test("holds no segment up, and goes on after the letterbox refused", async () => {
    await sendSome();
    const before = (await archive.reader.end(trust, "care")).last;
    const { letterbox } = partsWith();
    let answer: ((error: Error) => void) | undefined;
    const slow: ArchiverParts["letterbox"] = {
      ...letterbox,
      takeBlob: () =>
        new Promise((_resolve, reject) => {
          answer = reject;
        }),
    };
    const faults: [ArchiveLane, ArchiveFault][] = [];
    const archiver = startArchiver(
      partsWith({ letterbox: slow, onFault: (lane, fault) => faults.push([lane, fault]) }),
    );
    await push(base, tablet, await runOf(tablet, testChain(), incident));
    await vi.waitUntil(async () => (await archive.reader.end(trust, "care")).last > before, { timeout: 60_000 });
    (await vi.waitUntil(() => answer, { timeout: 60_000 }))(new Error("no room"));
    await vi.waitUntil(() => faults.length > 0, { timeout: 60_000 });
    await archiver.close();
    expect(faults).toEqual([["blobs", "refused"]]);
    expect(await sealBlobs(partsWith())).toBe(1);
  });

  test("offers all again to a letterbox that has fewer lines than it had", async () => {
    await sendSome();
    await push(base, tablet, await runOf(tablet, testChain(), incident));
    await sealEverything(partsWith());
    const whole = (await owner("SELECT FROM blob WHERE complete")).length;
    const empty = { epoch: 0, last: 0, hash: "", root: "" };
    const offered = new Set<string>();
    const fresh: ArchiverParts["letterbox"] = {
      take: async () => empty,
      end: async () => empty,
      takeBlob: async (_trust, file) => void offered.add(readPiece(file).header.object),
    };
    await sealEverything(partsWith({ letterbox: fresh }));
    expect(offered.size).toBe(whole);
  });

  test("names an object by nothing that is known of the blob", async () => {
    const recordId = await sendSome();
    await sealBlobs(partsWith());
    const [row] = (await owner("SELECT sha256, archived FROM blob WHERE record_id = $1", [recordId])) as {
      sha256: Buffer;
      archived: string;
    }[];
    const header = readFileSync(join(folder(), `${row!.archived}.0001-0001.blob`))
      .toString("latin1")
      .split("\n")[0]!;
    for (const known of [recordId, recordId.replaceAll("-", ""), row!.sha256.toString("hex").slice(0, 16), "jpeg"])
      expect(header).not.toContain(known);
  });
});

test("the letterbox takes no piece of another trust, by another key, torn, or onto one that was spoiled", async () => {
  const { letterbox, logKey, recipients } = partsWith();
  const blob = {
    recordId: crypto.randomUUID(),
    sha256: "ab".repeat(32),
    bytes: 5,
    type: "",
    started: new Date().toISOString(),
  };
  const about = {
    trust,
    object: objectName(new Date(), "cd".repeat(16)),
    piece: 1,
    sealedAt: new Date().toISOString(),
  };
  const piece = (more: Partial<typeof about> = {}) =>
    sealPiece({ ...about, ...more }, blob, Buffer.alloc(5), recipients, logKey);
  const before = names();
  await expect(letterbox.takeBlob("westvale", await piece())).rejects.toThrow("422");
  await expect(letterbox.takeBlob(trust, await piece({ trust: "westvale" }))).rejects.toThrow("422");
  await expect(letterbox.takeBlob(trust, (await piece()).subarray(0, -1))).rejects.toThrow("422");
  await expect(letterbox.takeBlob(trust, await piece({ object: "../../x" }))).rejects.toThrow("422");
  expect(names()).toEqual(before);
  await letterbox.takeBlob(trust, await piece());
  await letterbox.takeBlob(trust, await piece());
  expect(names()).toHaveLength(before.length + 1);
});
