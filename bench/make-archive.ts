import { createPublicKey, generateKeyPairSync, hash, type KeyObject } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { emptyFrontier, extended, rootOf } from "#defence/log/tree.ts";
import { leafOf, sha256 } from "#server/archive/hashing.ts";
import { type ArchivedLine, sealSegment, segmentName, writeOut } from "#server/archive/segment.ts";
import { checkpointText, originOf } from "#server/heads/checkpoint.ts";
import { cosignNote, noteText, signNote } from "#server/heads/note.ts";
import { progress } from "./rig.ts";
import { newDevice, newRecord, nextRun } from "./workload.ts";

const perSegment = 5_000;
const perRecord = 100;
export const trust = "northmoor";
export const log = "care";
export const witnessName = "witness.example";

export interface BenchArchive {
  logKey: KeyObject;
  witnessKey: KeyObject;
  /** age identity. */
  identity: string;
}

/** Entries as tablets write them, sealed in segments as the archiver does, each with a co-signed head. */
export const makeArchive = async (directory: string, entries: number): Promise<BenchArchive> => {
  const [ofLog, ofWitness] = [generateKeyPairSync("ed25519"), generateKeyPairSync("ed25519")];
  const identity = await generateIdentity();
  const recipients = [await identityToRecipient(identity)];
  for (const folder of [log, `${log}-heads`]) mkdirSync(join(directory, trust, folder), { recursive: true });
  const device = newDevice();
  let frontier = emptyFrontier;
  let previous = "";
  for (let first = 1; first <= entries; first += perSegment) {
    const last = Math.min(entries, first + perSegment - 1);
    const lines: ArchivedLine[] = [];
    while (lines.length < last - first + 1) {
      const record = newRecord();
      const { head, entries: texts } = await nextRun(
        device,
        record,
        Math.min(perRecord, last - first + 1 - lines.length),
      );
      for (const [i, text] of texts.entries()) {
        const { id } = JSON.parse(text) as { id: string };
        lines.push({
          epoch: 1,
          position: first + lines.length,
          received: new Date().toISOString(),
          deviceId: device.deviceId,
          hash: hash("sha256", text),
          signature: i === texts.length - 1 ? head.signature : null,
          recordId: record.recordId,
          n: i + 1,
          quarantine: null,
          entryId: id,
          bytes: Buffer.from(text),
        });
      }
    }
    frontier = extended(
      sha256,
      frontier,
      lines.map((line) => leafOf(log, line)),
    );
    const root = Buffer.from(rootOf(sha256, frontier)).toString("hex");
    const sealedAt = new Date().toISOString();
    const about = { trust, log, epoch: 1, first, last, previous, root, sealedAt } as const;
    const { header, file, hash: named } = await sealSegment(about, writeOut(lines), recipients, ofLog.privateKey);
    previous = named;
    writeFileSync(join(directory, segmentName(header)), file);
    const text = checkpointText({ trust, log, size: last, root, epoch: 1, time: sealedAt });
    const signatures = [
      signNote(text, originOf(trust, log), ofLog.privateKey),
      cosignNote(text, witnessName, ofWitness.privateKey, new Date()),
    ];
    const name = `${String(last).padStart(12, "0")}.0000000000000000.head`;
    writeFileSync(join(directory, trust, `${log}-heads`, name), noteText({ text, signatures }));
    if (first % 200_000 === 1) progress(`${first - 1} entries archived`);
  }
  return {
    logKey: createPublicKey(ofLog.privateKey),
    witnessKey: createPublicKey(ofWitness.privateKey),
    identity,
  };
};
