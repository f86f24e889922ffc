import { spawnSync } from "node:child_process";
import { createHash, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Encrypter, generateIdentity, identityToRecipient } from "age-encryption";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { leafText } from "#defence/log/line.ts";
import { emptyFrontier, extended, leafHash, rootOf } from "#defence/log/tree.ts";
import { sha256 } from "#server/archive/hashing.ts";
import { sealSegment, segmentName, writeOut } from "#server/archive/segment.ts";
import { checkpointText, originOf } from "#server/heads/checkpoint.ts";
import { noteText, signNote } from "#server/heads/note.ts";
import { witnessedHeads } from "#server/verify/open-prover.ts";
import { incident, note, push, runOf, testChain } from "../devices.ts";
import { sizes } from "../sizes.ts";
import { type ArchiveFiles, readFiles, withFiles } from "./archive-files.ts";
import { fillProvedBase, type ProvedBase, startProvedBase, trust } from "./proved-base.ts";
import { packVerifierPath, sharedVerifierPath, smallVerifier, verifierPath } from "./small-verifier.ts";

const noon = "2026-11-23T12:00:00.000Z";
let base: ProvedBase;
let files: ArchiveFiles;
const folder = mkdtempSync(join(tmpdir(), "holdfast-verifier-"));
const at = (name: string): string => join(folder, name);
beforeAll(async () => {
  base = await startProvedBase();
  await fillProvedBase(base, 4);
  files = readFiles(join(base.archive.letterboxDirectory, "segments"));
  writeFileSync(at("identity"), base.archive.standbyIdentity(trust));
  writeFileSync(at("other"), base.archive.standbyIdentity("westvale"));
});
afterAll(async () => {
  await base?.remove();
  rmSync(folder, { recursive: true, force: true });
});
const run = (directory: string, ...args: string[]) => {
  const logKey = join(base.archive.officers, `${trust}.log-key`);
  const witness = base.witness.split("@")[0]!;
  const all = [verifierPath, directory, "--log-key", logKey, "--witness", witness, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { encoding: "utf8" });
  return { status, stdout, stderr };
};

describe("the small verifier", () => {
  test.each([verifierPath, packVerifierPath])("needs 500 lines at most to run %s, and nothing but Node", (path) => {
    const texts = [path, sharedVerifierPath].map((each) => readFileSync(each, "utf8"));
    expect(texts.reduce((lines, text) => lines + text.split("\n").length, 0)).toBeLessThanOrEqual(500);
    const all = texts.join("");
    const imported = [...all.matchAll(/\bimport\b[^;]*?"([^"]+)"|import\(([^)]*)\)|require\(([^)]*)\)/g)];
    expect(imported.length).toBeGreaterThan(3);
    const others = imported.map(([, name]) => name).filter((name) => !name?.startsWith("node:"));
    expect(others).toEqual(["./holdfast-heads.mjs"]);
    expect(all).not.toMatch(/node:(http|https|net|dgram|tls|child_process)|fetch\(/);
  });

  test("finds nothing wrong with an archive as it was written, with and without an identity, and says how far it is proved", () =>
    withFiles(files, (directory) => {
      const closed = run(directory, "--json");
      expect([closed.status, closed.stderr]).toEqual([0, ""]);
      const opened = run(directory, "--identity", at("identity"), "--json");
      expect([opened.status, opened.stderr]).toEqual([0, ""]);
      const { trusts } = JSON.parse(opened.stdout);
      for (const { log, provenTo, lines } of trusts[0].logs)
        expect([log, provenTo]).toEqual([log, base.cosigned[log as "care"].at(-1) && lines]);
      expect(run(directory, "--identity", at("identity")).stdout).toContain("care");
    }));

  test("says of an identity that opens nothing, of a wrong key and of an empty folder what is wrong", () =>
    withFiles(files, (directory) => {
      expect(run(directory, "--identity", at("other")).stdout).toContain("unopened");
      expect(run(directory, "--identity", join(base.archive.officers, `${trust}.log-key`)).status).toBe(2);
      expect(run(folder, "--heads", join(base.archive.officers, `${trust}.log-key`)).status).toBe(3);
      expect(run(folder).status).toBe(1);
      expect(spawnSync(process.execPath, [verifierPath]).status).toBe(2);
    }));

  test("leaves the heads of other trusts out where one is asked for, and needs its log keys alone", async () => {
    const about = { trust: "westvale", log: "care", size: 9, root: "ab".repeat(32), epoch: 1, time: noon } as const;
    const text = checkpointText(about);
    const ofTheirs = signNote(text, originOf("westvale", "care"), generateKeyPairSync("ed25519").privateKey);
    const heads = [...(await witnessedHeads([base.witness])), noteText({ text, signatures: [ofTheirs] })];
    writeFileSync(at("seen.json"), JSON.stringify({ heads }));
    await withFiles(files, (directory) => {
      expect(run(directory, "--heads", at("seen.json"), "--trust", trust)).toMatchObject({ status: 0, stderr: "" });
      expect(run(directory, "--heads", at("seen.json")).status).toBe(3);
    });
    // Its own heads are still read: without a segment they say what was cut off.
    await withFiles(new Map(), (directory) => {
      const { status, stdout } = run(directory, "--heads", at("seen.json"), "--trust", trust);
      expect([status, stdout.includes("rolled-back")]).toEqual([1, true]);
    });
  });

  test("opens what age's own library has sealed, of any length", async () => {
    const identity = await generateIdentity();
    const recipient = await identityToRecipient(identity);
    const read = smallVerifier.readIdentity(identity);
    for (const length of [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000]) {
      const age = new Encrypter();
      age.addRecipient(await identityToRecipient(await generateIdentity()));
      age.addRecipient(recipient);
      const plain = Buffer.alloc(length, 7);
      expect(smallVerifier.decrypt(Buffer.from(await age.encrypt(plain)), read).equals(plain)).toBe(true);
    }
  });

  test("has the same trees and leaves as the server, which it shares no line with", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 200 }), (leaves) => {
        const hashes = leaves.map((leaf) => leafHash(sha256, leaf));
        const tree = smallVerifier.newTree();
        for (const leaf of hashes) smallVerifier.addLeaf(tree, leaf);
        const root = rootOf(sha256, extended(sha256, emptyFrontier, hashes));
        expect(Buffer.from(smallVerifier.rootOf(tree)).equals(root)).toBe(true);
      }),
      { numRuns: 50 },
    );
    const line = {
      epoch: 1,
      position: 3,
      received: "2026-11-23T03:00:00.000Z",
      deviceId: null,
      hash: "ab".repeat(32),
      signature: null,
    };
    const care = { ...line, recordId: "r", n: null, quarantine: "bad-signature", signature: "s" };
    for (const [log, each] of [
      ["access", line],
      ["care", care],
    ] as const) {
      const expected = createHash("sha256").update(Buffer.of(0)).update(leafText(log, each)).digest();
      expect(Buffer.from(smallVerifier.leafOf(log, each)).equals(expected)).toBe(true);
    }
  });

  test("finds by what a tablet signed that an entry younger than every head is not there, and takes nobody's word unsigned", async () => {
    const { server, tablet } = base;
    const chain = testChain();
    await push(server, tablet, await runOf(tablet, chain, incident));
    const held = readFiles(join(base.archive.letterboxDirectory, "segments"));
    const lost = await runOf(tablet, chain, note("lost"));
    const head = { deviceId: lost.deviceId, recordId: lost.recordId, ...lost.head };
    const devicesOf = (heads: object[]) => {
      writeFileSync(at("heads.json"), JSON.stringify(heads));
      return withFiles(held, (directory) => {
        const { status, stdout } = run(
          directory,
          "--identity",
          at("identity"),
          "--device-heads",
          at("heads.json"),
          "--json",
        );
        return { status, devices: JSON.parse(stdout).trusts[0].devices };
      });
    };
    expect(await devicesOf([head])).toMatchObject({
      status: 1,
      devices: [{ kind: "missing", recordId: chain.recordId }],
    });
    expect(await devicesOf([{ ...head, signature: undefined }])).toEqual({ status: 0, devices: [] });
    expect(await devicesOf([{ ...head, n: 3 }])).toEqual({ status: 0, devices: [] });
  });

  test("says what is wrong of an archive with as much wrong as it has lines", async () => {
    const { publicKey, privateKey } = generateKeyPairSync("ed25519");
    const identity = await generateIdentity();
    const recipients = [await identityToRecipient(identity)];
    const last = 150_000;
    const received = new Date(0).toISOString();
    const gone = { epoch: 1, received, deviceId: null, hash: "ab".repeat(32), signature: null, bytes: null };
    // All but every tenth line have lost their bytes, and no record has ended.
    const kept = { ...gone, bytes: Buffer.from("{}"), hash: createHash("sha256").update("{}").digest("hex") };
    const lines = Array.from({ length: last }, (_, i) => {
      const isKept = i % 10 === 0;
      return { ...(isKept ? kept : gone), position: i + 1, recordId: isKept ? "kept" : "gone" };
    });
    const leaves = lines.map((line) => smallVerifier.leafOf("care", line));
    const root = Buffer.from(rootOf(sha256, extended(sha256, emptyFrontier, leaves))).toString("hex");
    const about = { trust, log: "care", epoch: 1, first: 1, last, previous: "", root, sealedAt: received } as const;
    const { header, file } = await sealSegment(about, writeOut(lines), recipients, privateKey);
    await withFiles(new Map([[segmentName(header), file]]), (directory) => {
      const asked = { directory, logKeys: [publicKey], witnesses: [], heads: [], deviceHeads: [] };
      const checked = smallVerifier.verifyArchive({ ...asked, identity: smallVerifier.readIdentity(identity) });
      const care = checked.trusts[0]!.logs.find(({ log }) => log === "care")!;
      expect([care.lines, care.problems.length, care.cleanLine]).toEqual([last, 0.9 * last, 1]);
      expect(care.records).toEqual(["gone"]);
    });
  });

  test("finds any byte changed in any file, and never fails over what it reads", async () => {
    const parts = () => ({
      logKeys: base.archive.logKeys(trust),
      witnesses: [smallVerifier.readWitness(base.witness.split("@")[0]!)],
      heads: [],
      deviceHeads: [],
      identity: smallVerifier.readIdentity(base.archive.standbyIdentity(trust)),
    });
    const names = [...files.keys()];
    await withFiles(files, async (directory) => {
      const check = () => smallVerifier.verifyArchive({ ...parts(), directory });
      expect(check().good).toBe(true);
      fc.assert(
        fc.property(fc.nat(names.length - 1), fc.nat(), fc.integer({ min: 1, max: 255 }), (which, where, by) => {
          const name = names[which]!;
          const bytes = Buffer.from(files.get(name)!);
          // A signature in base64 has unused bits, and no meaning but the one that is checked.
          const place = where % (bytes.length - 1);
          bytes[place]! ^= by;
          writeFileSync(join(directory, name), bytes);
          const { good } = check();
          writeFileSync(join(directory, name), files.get(name)!);
          return !good || isSameSignature(files.get(name)!, bytes);
        }),
        { numRuns: sizes.fuzz / 5 },
      );
      expect(check().good).toBe(true);
    });
  });
});

/** Whether two files differ in how a signature is written and in nothing that it says, or in a cosignature, which only proves less. */
const isSameSignature = (was: Buffer, is: Buffer): boolean => {
  const [before, after] = [was.toString("latin1").split("\n"), is.toString("latin1").split("\n")];
  const isHead = before[0]!.startsWith("holdfast.example/");
  // The cosignature is the last line, and a change can break it in two.
  const signed = before.length - 2;
  if (isHead) return before.slice(0, signed).join() === after.slice(0, signed).join();
  if (before[0] !== after[0] || before.slice(2).join() !== after.slice(2).join()) return false;
  return Buffer.from(before[1]!, "base64url").equals(Buffer.from(after[1]!, "base64url"));
};
