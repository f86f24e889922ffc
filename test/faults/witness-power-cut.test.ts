import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { consistencyProof, emptyFrontier, extended, leafHash, rootOf } from "#defence/log/tree.ts";
import { sha256 } from "#server/archive/hashing.ts";
import { checkpointText, logNoteKey, originOf, readCheckpointText } from "#server/heads/checkpoint.ts";
import { noteText, readNote, signNote } from "#server/heads/note.ts";
import { createWitness, type WitnessMemory, witnessRequest } from "#server/heads/witness.ts";
import { directoryMemory } from "#server/heads/witness-memory.ts";
import { sizes } from "../sizes.ts";
import { cannotCutPower, makeCuttableDisk } from "./power-cut.ts";

const logKey = generateKeyPairSync("ed25519");
const ofWitness = generateKeyPairSync("ed25519");
const origin = originOf("northmoor", "care");
const leaves = Array.from({ length: 5_000 }, (_, i) => leafHash(sha256, Buffer.from(`${i}`)));
const requestOf = (from: number, size: number): string => {
  const before = extended(sha256, emptyFrontier, leaves.slice(0, from));
  const root = rootOf(sha256, extended(sha256, before, leaves.slice(from, size)));
  const about = { trust: "northmoor", log: "care", size, epoch: 1, time: "2026-11-23T03:00:00.000Z" } as const;
  const text = checkpointText({ ...about, root: Buffer.from(root).toString("hex") });
  const note = noteText({ text, signatures: [signNote(text, origin, logKey.privateKey)] });
  return witnessRequest(from, consistencyProof(sha256, before, leaves.slice(from, size)), note);
};

/** Signs heads until the power goes, that often; resolves to how many a witness has signed and forgotten. */
const cutRepeatedly = async (cuts: number, memoryIn: (folder: string) => WitnessMemory): Promise<number> => {
  const disk = makeCuttableDisk(64);
  let signed = 0;
  let forgotten = 0;
  try {
    for (let cut = 0; cut < cuts; cut++) {
      const memory = memoryIn(join(disk.folder, "heads"));
      const logs = [logNoteKey("northmoor", "care", logKey.publicKey)];
      const witness = createWitness({
        name: "witness.example",
        key: ofWitness.privateKey,
        logs,
        memory,
        now: () => new Date(),
      });
      for (let more = 0; more < 20 + cut; more++) {
        await witness.add(requestOf(signed, signed + 1));
        signed += 1;
      }
      disk.cutPower();
      disk.powerOn();
      const kept = memoryIn(join(disk.folder, "heads")).read(origin);
      const size = kept === undefined || kept === "" ? 0 : readCheckpointText(readNote(kept).text).size;
      forgotten += signed - size;
      signed = size;
    }
    return forgotten;
  } finally {
    disk.remove();
  }
};

/** As `directoryMemory`, without its flushes. */
const hastyMemory = (folder: string): WitnessMemory => {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "head");
  return {
    read: () => {
      try {
        return readFileSync(path, "utf8");
      } catch {
        return undefined;
      }
    },
    openings: () => [],
    addOpening: () => {},
    write: (_origin, note) => {
      writeFileSync(`${path}.draft`, note);
      renameSync(`${path}.draft`, path);
    },
  };
};

const why = cannotCutPower();
if (why !== null && process.env.CI) throw new Error(why);

describe.skipIf(why !== null)(`power cuts of a witness${why ? ` (skipped: ${why})` : ""}`, () => {
  it(`forgets no head that it has signed in ${sizes.serverPowerCuts} cuts, so it signs no second one`, async () => {
    expect(await cutRepeatedly(sizes.serverPowerCuts, directoryMemory)).toBe(0);
  });

  it("control: without flushing it forgets what it has signed", async () => {
    expect(await cutRepeatedly(1, hastyMemory)).toBeGreaterThan(0);
  });
});
