import { generateKeyPairSync, randomUUID } from "node:crypto";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { beforeAll, describe, expect, test } from "vitest";
import type { LogName } from "#defence/log/line.ts";
import { emptyFrontier, extended, type Frontier } from "#defence/log/tree.ts";
import { adoptedLines, type SegmentFault, segmentsAfter } from "../recovery/segments.ts";
import type { ArchiveStore } from "./archive-store.ts";
import { leafOf, rootHex, sha256 } from "./hashing.ts";
import { createLetterbox, headsPageMax, NotNext, segmentsPageMax } from "./letterbox.ts";
import { type ArchivedLine, readSegment, type SegmentHeader, sealSegment, writeOut } from "./segment.ts";

const logKey = generateKeyPairSync("ed25519");
const otherKey = generateKeyPairSync("ed25519");
let identity: string;
let recipients: string[];
beforeAll(async () => {
  identity = await generateIdentity();
  recipients = [await identityToRecipient(identity)];
});

/** Files in memory, which a test may spoil as somebody who holds the disk does. */
const memoryStore = () => {
  const files = new Map<string, Buffer>();
  const store: ArchiveStore = {
    create: async (name, bytes) => void files.set(name, Buffer.from(bytes)),
    read: async (name) => files.get(name),
    list: async (folder) =>
      [...files.keys()]
        .flatMap((name) => (name.startsWith(`${folder}/`) ? [name.slice(folder.length + 1)] : []))
        .sort(),
    removeBefore: async () => [],
  };
  return { files, store };
};

const hashOf = (bytes: Buffer): string => Buffer.from(sha256(bytes)).toString("hex");
const lineAt = (position: number, more: Partial<ArchivedLine> = {}): ArchivedLine => {
  const bytes = Buffer.from(JSON.stringify({ id: randomUUID(), kind: "note", position }));
  return {
    epoch: 1,
    position,
    received: new Date(1_760_000_000_000 + position).toISOString(),
    deviceId: "0199d000-0000-7000-8000-000000000001",
    hash: hashOf(bytes),
    signature: null,
    recordId: "0199d000-0000-7000-8000-000000000002",
    n: position,
    quarantine: null,
    entryId: randomUUID(),
    bytes,
    ...more,
  };
};

interface Sealing {
  trust?: string;
  log?: LogName;
  key?: typeof logKey.privateKey;
  to?: string[];
  lines?: ArchivedLine[];
  header?: Partial<SegmentHeader>;
}
/** A base in small: what it seals goes on from what it sealed before. */
const sealer = () => {
  let frontier: Frontier = emptyFrontier;
  let previous = "";
  return async (count: number, how: Sealing = {}): Promise<Buffer> => {
    const first = frontier.size + 1;
    const lines = how.lines ?? Array.from({ length: count }, (_, i) => lineAt(first + i));
    const { log = "care" } = how;
    frontier = extended(
      sha256,
      frontier,
      lines.map((line) => leafOf(log, line)),
    );
    const root = rootHex(frontier);
    const about = {
      trust: how.trust ?? "northmoor",
      log,
      epoch: 1,
      first,
      last: first + lines.length - 1,
      previous,
      root,
    };
    const sealedAt = new Date().toISOString();
    const key = how.key ?? logKey.privateKey;
    const { file, hash } = await sealSegment(
      { ...about, sealedAt, ...how.header },
      writeOut(lines),
      how.to ?? recipients,
      key,
    );
    previous = hash;
    return file;
  };
};
const open = () => {
  const { files, store } = memoryStore();
  const letterbox = createLetterbox({ store, logKeys: (trust) => (trust === "northmoor" ? [logKey.publicKey] : []) });
  const replay = async (reader = letterbox): Promise<[lines: number, fault: SegmentFault | undefined]> => {
    let lines = 0;
    try {
      const asked = {
        letterbox: reader,
        trust: "northmoor",
        log: "care",
        logKeys: [logKey.publicKey],
        identity,
      } as const;
      const from = { frontier: emptyFrontier, hash: "" };
      for await (const opened of segmentsAfter({ ...asked, from })) lines += opened.count;
      return [lines, undefined];
    } catch (error) {
      return [lines, (error as { fault: SegmentFault }).fault];
    }
  };
  return { files, letterbox, replay, take: (file: Buffer, trust = "northmoor") => letterbox.take(trust, "care", file) };
};

describe("the letterbox", () => {
  test("takes what goes on from the last, once, however often it comes, and one of two that go on from the same", async () => {
    const { take, letterbox, files, replay } = open();
    const seal = sealer();
    const [first, second] = [await seal(3), await seal(2)];
    expect(await take(first)).toMatchObject({ last: 3 });
    expect(await take(first)).toMatchObject({ last: 3 });
    const rival = sealer();
    await rival(3);
    const both = await Promise.allSettled([take(second), take(await rival(4))]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(await letterbox.end("northmoor", "care")).toMatchObject({ last: 5 });
    expect([files.size, await replay()]).toEqual([2, [5, undefined]]);
  });

  test.each<[string, (seal: ReturnType<typeof sealer>) => Promise<Buffer>, string]>([
    ["torn", async (seal) => (await seal(2)).subarray(0, -1), "changed"],
    ["cut in its header", async (seal) => (await seal(2)).subarray(0, 50), "unreadable"],
    ["changed in what is sealed", async (seal) => flip(await seal(2), -5), "changed"],
    ["changed in its header", async (seal) => replaced(await seal(2), '"last":5', '"last":6'), "bad-signature"],
    ["signed by another key", (seal) => seal(2, { key: otherKey.privateKey }), "bad-signature"],
    ["of another trust", (seal) => seal(2, { trust: "westvale" }), "bad-signature"],
    ["of another log", (seal) => seal(2, { log: "access" }), "bad-signature"],
    ["that ends before it begins", (seal) => seal(2, { header: { last: 1 } }), "unreadable"],
    ["that is nothing", async () => Buffer.from("\n\n"), "unreadable"],
  ])("takes no segment that is %s", async (_what, make, code) => {
    const { take, letterbox } = open();
    const seal = sealer();
    await take(await seal(3));
    await expect(make(seal).then(take)).rejects.toMatchObject({ code });
    expect(await letterbox.end("northmoor", "care")).toMatchObject({ last: 3 });
  });

  test.each<[string, Partial<SegmentHeader>]>([
    ["skips a line", { first: 5, last: 6 }],
    ["goes back", { first: 1, last: 2 }],
    ["names another segment before it", { previous: "0".repeat(64) }],
  ])("takes no segment that %s, and says where it ends", async (_what, header) => {
    const { take } = open();
    const seal = sealer();
    await take(await seal(3));
    const refused = await take(await seal(2, { header })).catch((error) => error);
    expect(refused).toBeInstanceOf(NotNext);
    expect(refused.end).toMatchObject({ last: 3 });
  });

  test("takes none of an earlier epoch", async () => {
    const { take } = open();
    const seal = sealer();
    await take(await seal(1, { lines: [lineAt(1, { epoch: 2 })], header: { epoch: 2 } }));
    await expect(seal(1).then((file) => take(file))).rejects.toBeInstanceOf(NotNext);
  });
});

const flip = (file: Buffer, at: number): Buffer => {
  const changed = Buffer.from(file);
  const i = at < 0 ? changed.length + at : at;
  changed[i] = changed[i]! ^ 1;
  return changed;
};
const replaced = (file: Buffer, from: string, to: string): Buffer =>
  Buffer.from(file.toString("latin1").replace(from, to), "latin1");

describe("a folder of many files", () => {
  test("is listed in pages, and heads are opened one at a time", async () => {
    const { files, store } = memoryStore();
    let open = 0;
    let openMax = 0;
    const slow: ArchiveStore = {
      ...store,
      read: async (name) => {
        openMax = Math.max(openMax, ++open);
        await null;
        open -= 1;
        return store.read(name);
      },
    };
    const letterbox = createLetterbox({ store: slow, logKeys: () => [] });
    const padded = (n: number) => String(n).padStart(12, "0");
    for (let n = 1; n <= segmentsPageMax + 2; n++) {
      files.set(`northmoor/care/${padded(n)}-${padded(n)}.1.segment`, Buffer.alloc(0));
      files.set(`northmoor/care-heads/${padded(n)}.0000000000000000.head`, Buffer.from(`${n}`));
    }
    const names = await letterbox.after("northmoor", "care", 1);
    expect([names.length, names[0]]).toEqual([segmentsPageMax, `${padded(2)}-${padded(2)}.1.segment`]);
    expect(await letterbox.after("northmoor", "care", segmentsPageMax + 1)).toHaveLength(1);
    const heads = await letterbox.heads("northmoor", "care", 1);
    expect([heads.length, heads[0], heads.at(-1), openMax]).toEqual([headsPageMax, "2", `${headsPageMax + 1}`, 1]);
  });
});

describe("whoever reads the archive", () => {
  const filled = async (more: Sealing = {}) => {
    const opened = open();
    const seal = sealer();
    for (const [i, count] of [2, 3, 2].entries()) await opened.take(await seal(count, i === 1 ? more : {}));
    const names = [...opened.files.keys()];
    return { ...opened, names };
  };

  test.each<[string, (files: Map<string, Buffer>, names: string[]) => void, SegmentFault]>([
    ["a changed byte", (files, [, name]) => files.set(name!, flip(files.get(name!)!, -9)), "changed"],
    ["a torn file", (files, [, name]) => files.set(name!, files.get(name!)!.subarray(0, -3)), "changed"],
    ["a file that is gone", (files, [, name]) => files.delete(name!), "not-next"],
    ["two that were swapped", (files, [a, b]) => swap(files, a!, b!), "not-next"],
    ["one that was put in another's place", (files, [a, b]) => files.set(b!, files.get(a!)!), "not-next"],
    [
      "a changed signature",
      (files, [, name]) => files.set(name!, spoiledSignature(files.get(name!)!)),
      "bad-signature",
    ],
  ])("finds %s, and takes all before it", async (_what, spoil, fault) => {
    const { files, names, replay } = await filled();
    expect(await replay()).toEqual([7, undefined]);
    spoil(files, names);
    const [lines, found] = await replay();
    expect(found).toBe(fault);
    expect(lines).toBeLessThan(7);
  });

  test("is given the list in pages, and reads on after each", async () => {
    const { letterbox, replay } = await filled();
    const paged = {
      ...letterbox,
      after: async (...at: Parameters<typeof letterbox.after>) => (await letterbox.after(...at)).slice(0, 1),
    };
    expect(await replay(paged)).toEqual([7, undefined]);
  });

  test("finds what a base sealed that lies: other bytes than the hash, another root, garbage, other keys", async () => {
    const stranger = await identityToRecipient(await generateIdentity());
    const lies: [Sealing, SegmentFault][] = [
      [{ lines: [lineAt(3), lineAt(4, { bytes: Buffer.from("{}") }), lineAt(5)] }, "wrong-bytes"],
      [{ header: { root: "ab".repeat(32) } }, "wrong-root"],
      [{ lines: [lineAt(3), lineAt(5), lineAt(4)] }, "unreadable"],
      [{ to: [stranger] }, "other-key"],
    ];
    for (const [how, fault] of lies) expect(await (await filled(how)).replay()).toEqual([2, fault]);
  });

  test("gets back what was sealed to the byte", async () => {
    const odd = [Buffer.from('å\u2028"\\\n'), Buffer.from([0xff, 0, 10, 10, 0xc3]), Buffer.alloc(0)];
    const lines = odd.map((bytes, i) =>
      lineAt(i + 1, { bytes, hash: hashOf(bytes), quarantine: "unreadable", n: null }),
    );
    lines.push(lineAt(4, { bytes: null }), lineAt(5));
    const { take, letterbox } = open();
    const file = await sealer()(5, { lines });
    await take(file);
    const asked = { letterbox, trust: "northmoor", log: "care", logKeys: [logKey.publicKey], identity } as const;
    for await (const opened of segmentsAfter({ ...asked, from: { frontier: emptyFrontier, hash: "" } }))
      expect([...adoptedLines(opened)]).toEqual(lines);
    // Whoever has the file alone learns how many lines there are, and when they were sealed.
    expect(file.toString("latin1")).not.toContain("unreadable");
    expect(readSegment(file).header).toMatchObject({ first: 1, last: 5 });
  });
});

const swap = (files: Map<string, Buffer>, a: string, b: string): void => {
  const [one, other] = [files.get(a)!, files.get(b)!];
  files.set(a, other).set(b, one);
};
const spoiledSignature = (file: Buffer): Buffer => flip(file, file.indexOf(10) + 4);
