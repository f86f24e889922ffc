import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { base64url } from "#client/bytes.ts";
import { createInboxSealer } from "#client/inbox.ts";
import { type ChainRun, inboxAbout } from "#protocol/push.ts";
import { createKeyRing } from "../sealing/key-ring.ts";
import { fileTrustKey } from "../sealing/trust-key.ts";
import { openInbox } from "./inbox.ts";

const folder = mkdtempSync(join(tmpdir(), "holdfast-inbox-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const open = (trust = "northmoor") => openInbox(folder, trust, createKeyRing(fileTrustKey(folder, trust)));

const chain = { deviceId: "device", recordId: "record" };
const sealedRun = async (publicKey = open().publicKey, about = chain): Promise<ChainRun> => {
  const sealer = await createInboxSealer(publicKey);
  const texts = ["DEMO one", "DEMO two, ä"];
  const label = inboxAbout(about.deviceId, about.recordId);
  const entries = await Promise.all(texts.map(async (text) => base64url(await sealer.seal(label, text))));
  return { ...chain, entries, head: { n: 2, hash: "h", signature: "s" }, sealed: true };
};

describe("the trust's inbox", () => {
  it("opens what a tablet sealed to it, and nobody else's does", async () => {
    const run = await sealedRun();
    expect(open().openRun(run)).toEqual({
      ...chain,
      entries: ["DEMO one", "DEMO two, ä"],
      head: { n: 2, hash: "h", signature: "s" },
    });
    expect(open("westvale").openRun(run)).toBeUndefined();
  });

  it("opens nothing that was changed, cut short, or moved to another chain", async () => {
    const run = await sealedRun();
    const [one, other] = run.entries as [string, string];
    expect(open().openRun({ ...run, entries: [other, one] })).toBeDefined();
    const flipped = Buffer.from(one, "base64url");
    flipped[90]! ^= 1;
    for (const bad of ["", "AAAA", one.slice(0, 100), flipped.toString("base64url"), "é".repeat(200)])
      expect(open().openRun({ ...run, entries: [other, bad] })).toBeUndefined();
    expect(open().openRun(await sealedRun(open().publicKey, { ...chain, recordId: "another" }))).toBeUndefined();
  });

  it("still opens what was sealed to an earlier key, and keeps its keys sealed", async () => {
    const before = open();
    const run = await sealedRun(before.publicKey);
    const file = join(folder, "keys", "northmoor.inbox");
    expect(readFileSync(file, "utf8")).not.toContain("PRIVATE KEY");
    renameSync(file, `${file}.2026-11-23`);
    const after = open();
    expect(after.publicKey).not.toEqual(before.publicKey);
    expect(after.openRun(run)?.entries).toHaveLength(2);
  });
});
