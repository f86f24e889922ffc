import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { beforeEach, expect, test } from "vitest";
import { emptyFrontier, extended, type Frontier } from "#defence/log/tree.ts";
import { newOpening, officerText, type SignedOpening, withSignature } from "../epochs/opening.ts";
import { checkpointText, originOf } from "../heads/checkpoint.ts";
import { noteText, signNote } from "../heads/note.ts";
import { adoptedLines, archiveStart, segmentsAfter } from "../recovery/segments.ts";
import type { ArchiveStore } from "./archive-store.ts";
import { leafOf, rootHex, sha256 } from "./hashing.ts";
import { createLetterbox, EpochClosed, type Letterbox } from "./letterbox.ts";
import { type ArchivedLine, sealSegment, writeOut } from "./segment.ts";

const trust = "northmoor";
const [firstKey, secondKey] = [generateKeyPairSync("ed25519"), generateKeyPairSync("ed25519")];
const officers = [1, 2, 3].map(() => generateKeyPairSync("ed25519"));
const officerKeys = officers.map(({ publicKey }) => publicKey);
let letterbox: Letterbox;
let files: Map<string, Buffer>;
let identity: string;
let recipients: string[];

const memoryStore = (): ArchiveStore => ({
  create: async (name, bytes) => void files.set(name, Buffer.from(bytes)),
  read: async (name) => files.get(name),
  list: async (folder) =>
    [...files.keys()].flatMap((name) => (name.startsWith(`${folder}/`) ? [name.slice(folder.length + 1)] : [])).sort(),
  removeBefore: async () => [],
});

beforeEach(async () => {
  files = new Map();
  identity = await generateIdentity();
  recipients = [await identityToRecipient(identity)];
  letterbox = createLetterbox({
    store: memoryStore(),
    logKeys: (of) => (of === trust ? [firstKey.publicKey] : []),
    officers: (of) => (of === trust ? officerKeys : []),
  });
});

const lineAt = (epoch: number, position: number): ArchivedLine => {
  const bytes = Buffer.from(JSON.stringify({ epoch, position }));
  return {
    ...{ epoch, position, bytes, signature: null, n: position, quarantine: null },
    received: new Date(1_760_000_000_000 + position).toISOString(),
    deviceId: "0199d000-0000-7000-8000-000000000001",
    recordId: "0199d000-0000-7000-8000-000000000002",
    hash: Buffer.from(sha256(bytes)).toString("hex"),
    entryId: "0199d000-0000-7000-8000-000000000003",
  };
};

interface Base {
  frontier: Frontier;
  previous: string;
  seal(count: number): Promise<Buffer>;
}
/** What gives places in an epoch, going on from wherever it is told. */
const baseOf = (epoch: number, key: KeyObject, frontier = emptyFrontier, previous = ""): Base => {
  const base: Base = {
    frontier,
    previous,
    seal: async (count) => {
      const first = base.frontier.size + 1;
      const lines = Array.from({ length: count }, (_, i) => lineAt(epoch, first + i));
      base.frontier = extended(
        sha256,
        base.frontier,
        lines.map((line) => leafOf("care", line)),
      );
      const about = {
        ...({ trust, log: "care", epoch, first, last: base.frontier.size } as const),
        ...{ previous: base.previous, root: rootHex(base.frontier), sealedAt: new Date().toISOString() },
      };
      const { file, hash } = await sealSegment(about, writeOut(lines), recipients, key);
      base.previous = hash;
      return file;
    },
  };
  return base;
};

const nothing = { position: 0, root: rootHex(emptyFrontier), segment: "" };
const openingAt = (frontier: Frontier, segment: string, more: object = {}): SignedOpening => {
  const care = { position: frontier.size, root: rootHex(frontier), segment };
  const about = {
    ...{ trust, epoch: 2, logKey: officerText(secondKey.publicKey), appendHash: "a".repeat(64) },
    ...{ adopted: { care, access: nothing, control: nothing }, made: new Date().toISOString(), ...more },
  };
  return officers.slice(0, 2).reduce((signed, { privateKey }) => withSignature(signed, privateKey), newOpening(about));
};
const take = (file: Buffer) => letterbox.take(trust, "care", file);
const replay = async (): Promise<string[]> => {
  const asked = {
    letterbox,
    trust,
    log: "care",
    logKeys: [firstKey.publicKey],
    officers: officerKeys,
    identity,
  } as const;
  const texts: string[] = [];
  for await (const segment of segmentsAfter({ ...asked, from: archiveStart }))
    for (const { bytes } of adoptedLines(segment)) texts.push(bytes!.toString());
  return texts;
};
const textsOf = (...lines: [epoch: number, position: number][]) =>
  lines.map(([e, p]) => lineAt(e, p).bytes!.toString());

test("the new base goes on from what it adopted, and the old one is told that its epoch is closed", async () => {
  const old = baseOf(1, firstKey.privateKey);
  await take(await old.seal(3));
  const next = baseOf(2, secondKey.privateKey, old.frontier, old.previous);
  const early = await next.seal(2);
  await expect(take(early)).rejects.toThrow("log keys signed");
  await letterbox.openEpoch(trust, openingAt(old.frontier, old.previous));
  expect(await letterbox.end(trust, "care")).toMatchObject({ epoch: 2, last: 3, hash: old.previous });
  await expect(take(await old.seal(1))).rejects.toBeInstanceOf(EpochClosed);
  expect(await take(early)).toMatchObject({ epoch: 2, last: 5 });
  expect(await replay()).toEqual(textsOf([1, 1], [1, 2], [1, 3], [2, 4], [2, 5]));
});

test("lines of the old epoch after those that were adopted stay in the archive, and are no part of the log", async () => {
  const old = baseOf(1, firstKey.privateKey);
  await take(await old.seal(2));
  const good = { frontier: old.frontier, hash: old.previous };
  await take(await old.seal(3));
  const count = files.size;
  // The officers trust the first two lines alone.
  await letterbox.openEpoch(trust, openingAt(good.frontier, good.hash));
  const next = baseOf(2, secondKey.privateKey, good.frontier, good.hash);
  await take(await next.seal(1));
  expect(files.size).toBe(count + 2);
  expect(await letterbox.after(trust, "care", 2)).toHaveLength(1);
  expect(await replay()).toEqual(textsOf([1, 1], [1, 2], [2, 3]));
});

test("an epoch may go on in the midst of a segment", async () => {
  const old = baseOf(1, firstKey.privateKey);
  await take(await old.seal(3));
  const two = extended(
    sha256,
    emptyFrontier,
    [1, 2].map((position) => leafOf("care", lineAt(1, position))),
  );
  await letterbox.openEpoch(trust, openingAt(two, old.previous));
  const next = baseOf(2, secondKey.privateKey, two, old.previous);
  await take(await next.seal(2));
  expect(await replay()).toEqual(textsOf([1, 1], [1, 2], [2, 3], [2, 4]));
});

test("neither key signs in the other's epoch, and the old one signs no head and no blob any more", async () => {
  const old = baseOf(1, firstKey.privateKey);
  await take(await old.seal(2));
  await letterbox.openEpoch(trust, openingAt(old.frontier, old.previous));
  const forged = baseOf(2, firstKey.privateKey, old.frontier, old.previous);
  await expect(take(await forged.seal(1))).rejects.toThrow("log keys signed");
  const head = (key: KeyObject, epoch: number) => {
    const about = { trust, log: "care", size: 2, root: rootHex(old.frontier), time: new Date().toISOString() } as const;
    const text = checkpointText({ ...about, epoch });
    return noteText({ text, signatures: [signNote(text, originOf(trust, "care"), key)] });
  };
  await expect(letterbox.keepHead(trust, "care", head(firstKey.privateKey, 2))).rejects.toThrow("signed this head");
  await letterbox.keepHead(trust, "care", head(secondKey.privateKey, 2));
});

test("an opening that does not fit the archive, or that too few signed, opens nothing", async () => {
  const old = baseOf(1, firstKey.privateKey);
  await take(await old.seal(3));
  const other = extended(
    sha256,
    emptyFrontier,
    [1, 2, 3].map((position) => leafOf("care", lineAt(9, position))),
  );
  const longer = extended(sha256, old.frontier, [leafOf("care", lineAt(1, 4))]);
  const good = openingAt(old.frontier, old.previous);
  const bad: [SignedOpening, string][] = [
    [openingAt(other, old.previous), "another line 3"],
    [openingAt(old.frontier, "f".repeat(64)), "another line 3"],
    [openingAt(longer, old.previous), "no line 4"],
    [openingAt(old.frontier, old.previous, { trust: "westvale" }), "another trust"],
    [{ ...good, signatures: good.signatures.slice(1) }, "2 are needed"],
  ];
  for (const [opening, words] of bad) await expect(letterbox.openEpoch(trust, opening)).rejects.toThrow(words);
  expect(await letterbox.openings(trust)).toEqual([]);
  await letterbox.openEpoch(trust, good);
  // Its answer was lost; and another one for the same epoch comes too late.
  await letterbox.openEpoch(trust, good);
  await expect(letterbox.openEpoch(trust, openingAt(emptyFrontier, ""))).rejects.toThrow("open already");
});

test("a reader follows no epoch that somebody wrote into the archive's folder without the officers", async () => {
  const old = baseOf(1, firstKey.privateKey);
  await take(await old.seal(2));
  const good = openingAt(emptyFrontier, "");
  const forged = { ...good, signatures: [] };
  files.set(`${trust}/epochs/000000002.opening`, Buffer.from(JSON.stringify(forged)));
  letterbox = createLetterbox({ store: memoryStore(), logKeys: () => [firstKey.publicKey] });
  await expect(replay()).rejects.toMatchObject({ fault: "bad-opening" });
  // The control: with the signatures the same opening is followed.
  files.set(`${trust}/epochs/000000002.opening`, Buffer.from(JSON.stringify(good)));
  letterbox = createLetterbox({ store: memoryStore(), logKeys: () => [firstKey.publicKey] });
  expect(await replay()).toEqual([]);
});
