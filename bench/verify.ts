import { hash, type KeyObject, verify } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readNote, verifierText } from "#server/heads/note.ts";
import { smallVerifier } from "../test/proof/small-verifier.ts";
import { log, makeArchive, trust, witnessName } from "./make-archive.ts";
import { interleaved, type Measurement, median } from "./measurement.ts";
import { scale } from "./storm.ts";

const entries = Math.round(1_000_000 * scale);
const turns = 3;

/** What it takes to check an archive of a million entries, each of them opened, against opening, hashing and the heads alone. */
export const verifyBench = async (): Promise<Measurement[]> => {
  const directory = mkdtempSync(join(tmpdir(), "holdfast-bench-verify-"));
  try {
    const { logKey, witnessKey, identity } = await makeArchive(directory, entries);
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
    // An entry is what is said of it and its bytes, a line each.
    for (let from = 0; from < plain.length; ) {
      const end = plain.indexOf(10, plain.indexOf(10, from) + 1) + 1;
      hash("sha256", plain.subarray(from, end), "buffer");
      from = end;
    }
  }
  const heads = join(directory, trust, `${log}-heads`);
  for (const name of readdirSync(heads)) {
    const { text, signatures } = readNote(readFileSync(join(heads, name), "utf8"));
    if (!verify(null, Buffer.from(text), logKey, signatures[0]!.bytes)) throw new Error("a head is not signed");
  }
};
