import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { type LogName, logNames } from "#defence/log/line.ts";
import { emptyFrontier, extended, type Frontier } from "#defence/log/tree.ts";
import { pick } from "#demo/random.ts";
import { leafOf, rootHex, sha256 } from "#server/archive/hashing.ts";
import {
  type ArchivedLine,
  linesOf,
  openSegment,
  readSegment,
  type SegmentHeader,
  sealSegment,
  writeOut,
} from "#server/archive/segment.ts";
import { checkpointText, originOf } from "#server/heads/checkpoint.ts";
import { noteText, signNote } from "#server/heads/note.ts";
import type { ArchiveFiles } from "./archive-files.ts";

export interface ArchiveParts {
  files: ArchiveFiles;
  trust: string;
  log: LogName;
  /** What the base holds: its log key, and whom it seals to. */
  logKey: KeyObject;
  recipients: readonly string[];
  /** For the test's own reading; no attacker has it. */
  identity: string;
  random: () => number;
}
/** What whoever has the letterbox's disk, and perhaps the log key, does there. */
export interface ArchiveMutation {
  name: string;
  /** Found only with an age identity. */
  needsIdentity?: true;
  /** Changes `files`. Resolves to the first line that is touched; null where that cannot be said, undefined where it was not done. */
  run(parts: ArchiveParts): Promise<number | null | undefined>;
}

export const segmentsOf = ({ files, trust, log }: Pick<ArchiveParts, "files" | "trust" | "log">): string[] =>
  [...files.keys()].filter((path) => path.startsWith(`${trust}/${log}/`)).sort();
const headsOf = ({ files, trust, log }: ArchiveParts): string[] =>
  [...files.keys()].filter((path) => path.startsWith(`${trust}/${log}-heads/`)).sort();
const headerOf = (files: ArchiveFiles, path: string): SegmentHeader => readSegment(files.get(path)!).header;
const flipped = (bytes: Buffer, random: () => number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[Math.floor(random() * copy.length)]! ^= 1 + Math.floor(random() * 255);
  return copy;
};
const statementOf = (file: Buffer): [string, Buffer] => {
  const end = file.indexOf(10);
  return [file.toString("utf8", 0, end), file.subarray(file.indexOf(10, end + 1))];
};

/**
 * Writes a log's segments anew from one on, with the log key: lines as `change` leaves them, the chain and the roots as they then are,
 * and a head after each. Heads that a witness signed over what was there are taken away.
 */
export const rewrite = async (
  parts: ArchiveParts,
  from: number,
  change: (lines: ArchivedLine[]) => void,
): Promise<void> => {
  const { files, trust, log, logKey, recipients, identity } = parts;
  let frontier: Frontier = emptyFrontier;
  let previous = "";
  for (const [i, path] of segmentsOf(parts).entries()) {
    const segment = readSegment(files.get(path)!);
    const lines = [...linesOf(await openSegment(segment, identity))];
    if (i === from) change(lines);
    frontier = extended(
      sha256,
      frontier,
      lines.map((line) => leafOf(log, line)),
    );
    if (i >= from) {
      const { format: _, sealedBytes: __, sealedHash: ___, ...about } = segment.header;
      const root = rootHex(frontier);
      const { file, hash } = await sealSegment({ ...about, previous, root }, writeOut(lines), recipients, logKey);
      files.set(path, file);
      previous = hash;
      const { last: size, epoch, sealedAt: time } = segment.header;
      for (const head of headsOf(parts))
        if (Number(/(\d+)\.[0-9a-f]+\.head$/.exec(head)![1]) === size) files.delete(head);
      const text = checkpointText({ trust, log, size, root, epoch, time });
      const note = noteText({ text, signatures: [signNote(text, originOf(trust, log), logKey)] });
      files.set(`${trust}/${log}-heads/${String(size).padStart(12, "0")}.0000000000000000.head`, Buffer.from(note));
    } else previous = segment.hash;
  }
};

export const archiveMutations: readonly ArchiveMutation[] = [
  {
    name: "flip a byte of a segment",
    run: async (parts) => {
      const path = pick(segmentsOf(parts), parts.random);
      const was = parts.files.get(path)!;
      const is = flipped(was, parts.random);
      const [[before, rest], [after, restAfter]] = [statementOf(was), statementOf(is)];
      // Base64 has unused bits: the very same signature, written otherwise.
      if (before === after && rest.equals(restAfter)) return undefined;
      parts.files.set(path, is);
      return headerOf(new Map([[path, was]]), path).first;
    },
  },
  {
    name: "delete a segment",
    run: async (parts) => {
      const paths = segmentsOf(parts).slice(0, -1);
      const path = pick(paths, parts.random);
      const { first } = headerOf(parts.files, path);
      parts.files.delete(path);
      return first;
    },
  },
  {
    name: "insert a segment again",
    run: async (parts) => {
      const [path, other] = [pick(segmentsOf(parts), parts.random), pick(segmentsOf(parts), parts.random)];
      parts.files.set(path.replace(/\.1\.segment$/, ".2.segment"), parts.files.get(other)!);
      return null;
    },
  },
  {
    name: "reorder two segments",
    run: async (parts) => {
      const [a, b] = [pick(segmentsOf(parts), parts.random), pick(segmentsOf(parts), parts.random)];
      if (a === b) return undefined;
      const [bytesA, bytesB] = [parts.files.get(a)!, parts.files.get(b)!];
      parts.files.set(a, bytesB).set(b, bytesA);
      return Math.min(headerOf(parts.files, a).first, headerOf(parts.files, b).first);
    },
  },
  {
    name: "give another log's segment",
    run: async (parts) => {
      const log = pick(
        logNames.filter((each) => each !== parts.log),
        parts.random,
      );
      const path = pick(segmentsOf(parts), parts.random);
      const { first } = headerOf(parts.files, path);
      parts.files.set(path, parts.files.get(pick(segmentsOf({ ...parts, log }), parts.random))!);
      return first;
    },
  },
  {
    name: "cut off the end, its heads too",
    run: async (parts) => {
      const paths = segmentsOf(parts);
      const from = Math.floor(parts.random() * paths.length);
      const { first } = headerOf(parts.files, paths[from]!);
      for (const path of paths.slice(from)) parts.files.delete(path);
      for (const path of headsOf(parts))
        if (Number(/(\d+)\.[0-9a-f]+\.head$/.exec(path)![1]) >= first) parts.files.delete(path);
      return first;
    },
  },
  {
    name: "swap the signer of a segment",
    run: async (parts) => {
      const path = pick(segmentsOf(parts), parts.random);
      const segment = readSegment(parts.files.get(path)!);
      const { format: _, sealedBytes: __, sealedHash: ___, ...about } = segment.header;
      const lines = [...linesOf(await openSegment(segment, parts.identity))];
      const { privateKey } = generateKeyPairSync("ed25519");
      const { file } = await sealSegment(about, writeOut(lines), parts.recipients, privateKey);
      parts.files.set(path, file);
      return about.first;
    },
  },
  {
    name: "swap the signer of a head",
    run: async (parts) => {
      const path = pick(headsOf(parts), parts.random);
      const text = `${parts.files.get(path)!.toString().split("\n\n")[0]}\n`;
      const { privateKey } = generateKeyPairSync("ed25519");
      const signature = signNote(text, originOf(parts.trust, parts.log), privateKey);
      parts.files.set(path, Buffer.from(noteText({ text, signatures: [signature] })));
      return null;
    },
  },
  {
    name: "rewrite from a line on with the log key: a split view",
    run: async (parts) => {
      const from = Math.floor(parts.random() * segmentsOf(parts).length);
      const { first } = headerOf(parts.files, segmentsOf(parts)[from]!);
      let touched = first;
      await rewrite(parts, from, (lines) => {
        const line = pick(lines, parts.random);
        touched = line.position;
        line.received = new Date(Date.parse(line.received) - 60_000).toISOString();
      });
      return touched;
    },
  },
  {
    name: "take the bytes of a line away with the log key",
    needsIdentity: true,
    run: async (parts) => {
      const from = Math.floor(parts.random() * segmentsOf(parts).length);
      let touched: number | undefined;
      await rewrite(parts, from, (lines) => {
        const line = pick(lines, parts.random);
        if (line.bytes === null) return;
        touched = line.position;
        line.bytes = null;
      });
      return touched;
    },
  },
  {
    name: "seal other bytes under the hash with the log key",
    needsIdentity: true,
    run: async (parts) => {
      const from = Math.floor(parts.random() * segmentsOf(parts).length);
      let touched: number | undefined;
      await rewrite(parts, from, (lines) => {
        const line = pick(lines, parts.random);
        if (line.bytes === null) return;
        touched = line.position;
        line.bytes = Buffer.from(`${line.bytes} `);
      });
      return touched;
    },
  },
];
