import { createPublicKey, generateKeyPairSync, hash, type KeyObject, verify } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { generateIdentity, identityToRecipient } from "age-encryption";
import { emptyFrontier, extended } from "#defence/log/tree.ts";
import { leafOf, rootHex, sha256 } from "#server/archive/hashing.ts";
import { type ArchivedLine, sealSegment, segmentName } from "#server/archive/segment.ts";
import { checkpointText, originOf } from "#server/heads/checkpoint.ts";
import { cosignNote, noteText, readNote, signNote, verifierText } from "#server/heads/note.ts";
import { smallVerifier } from "../test/proof/small-verifier.ts";
import { interleaved, type Measurement, median } from "./measurement.ts";
import { progress } from "./rig.ts";
import { scale } from "./storm.ts";
import { newDevice, newRecord, nextRun } from "./workload.ts";

const entries = Math.round(1_000_000 * scale);
const perSegment = 5_000;
const turns = 3;
const trust = "northmoor";
const log = "care";
const witnessName = "witness.example";

/** What it takes to check an archive of a million entries, each of them opened, against opening, hashing and the heads alone. */
export const verifyBench = async (): Promise<Measurement[]> => {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-bench-verify-"));
  try {
    const { logKey, witnessKey, identity } = await makeArchive(directory);
    const witnesses = [
      smallVerifier.readWitness(verifierText({ name: witnessName, kind: "cosignature", publicKey: witnessKey })),
    ];
    const read = smallVerifier.readIdentity(identity);
    const seconds: number[] = [];
    const { runs, limits } = await interleaved(
      turns,
      async () => {
        const started = performance.now();
        const parts = { directory, logKeys: [logKey], witnesses, heads: [], deviceHeads: [], identity: read };
        const { good, trusts } = smallVerifier.verifyArchive(parts);
        seconds.push((performance.now() - started) / 1_000);
        if (!good || trusts[0]!.logs.find((each) => each.log === log)!.provenTo !== entries)
          throw new Error("the verifier did not prove the archive");
        return entries / seconds.at(-1)!;
      },
      async () => {
        const started = performance.now();
        bareLoop(directory, logKey, read);
        return entries / ((performance.now() - started) / 1_000);
      },
    );
    const bytes = segmentsIn(directory).reduce((sum, path) => sum + statSync(path).size, 0);
    return [
      {
        name: "verify",
        unit: "entries/s",
        better: "more",
        runs,
        limits,
        goal: "≥ 0.5, 1 M ≤ 3 min",
        note: `${entries} entries, ${Math.round(bytes / 1e6)} MB sealed, in ${median(seconds).toFixed(0)} s, one thread; limit: open by the verifier's own age reader, whose cost is in both, hash each line, check each head's signature, over the same bytes`,
      },
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const segmentsIn = (directory: string): string[] =>
  readdirSync(join(directory, trust, log))
    .sort()
    .map((name) => join(directory, trust, log, name));

const bareLoop = (directory: string, logKey: KeyObject, identity: unknown): void => {
  for (const path of segmentsIn(directory)) {
    const file = readFileSync(path);
    const second = file.indexOf(10, file.indexOf(10) + 1);
    const plain = gunzipSync(smallVerifier.decrypt(file.subarray(second + 1), identity));
    for (let from = 0; from < plain.length; ) {
      const end = plain.indexOf(10, from);
      hash("sha256", plain.subarray(from, end < 0 ? plain.length : end), "buffer");
      from = end < 0 ? plain.length : end + 1;
    }
  }
  const heads = join(directory, trust, `${log}-heads`);
  for (const name of readdirSync(heads)) {
    const { text, signatures } = readNote(readFileSync(join(heads, name), "utf8"));
    if (!verify(null, Buffer.from(text), logKey, signatures[0]!.bytes)) throw new Error("a head is not signed");
  }
};

/** Entries as tablets write them, sealed in segments as the archiver does, each with a co-signed head. */
const makeArchive = async (directory: string) => {
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
      const { head, entries: texts } = await nextRun(device, record, Math.min(100, last - first + 1 - lines.length));
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
          text,
        });
      }
    }
    frontier = extended(
      sha256,
      frontier,
      lines.map((line) => leafOf(log, line)),
    );
    const root = rootHex(frontier);
    const sealedAt = new Date().toISOString();
    const about = { trust, log, epoch: 1, first, last, previous, root, sealedAt } as const;
    const { header, file, hash: named } = await sealSegment(about, lines, recipients, ofLog.privateKey);
    previous = named;
    writeFileSync(join(directory, segmentName(header)), file);
    const text = checkpointText({ trust, log, size: last, root, epoch: 1, time: sealedAt });
    const signatures = [
      signNote(text, originOf(trust, log), ofLog.privateKey),
      cosignNote(text, witnessName, ofWitness.privateKey, new Date()),
    ];
    const name = `${String(last).padStart(12, "0")}.0000000000000000.head`;
    writeFileSync(join(directory, trust, `${log}-heads`, name), noteText({ text, signatures }));
    if (first % 200_000 === 1) progress(`verify: ${first - 1} entries archived`);
  }
  return {
    logKey: createPublicKey(ofLog.privateKey),
    witnessKey: createPublicKey(ofWitness.privateKey),
    identity,
  };
};
