import type { KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import * as z from "zod/mini";
import { type LogName, logNames, type ProvenLine } from "#defence/log/line.ts";
import { compiled } from "../compiled.ts";
import {
  BadSealedFile,
  count,
  hex256,
  openSealed,
  readSealedFile,
  type SealedFile,
  sealedHeader,
  sealFile,
} from "./sealed-file.ts";

/**
 * A segment of the archive: consecutive lines of one log. What is sealed is gzip around one JSON line for each line of the log.
 */

export const segmentHeader = z.object({
  format: z.literal("holdfast segment 1"),
  ...sealedHeader,
  log: z.enum(logNames),
  epoch: count,
  first: count,
  last: count,
  /** SHA-256 of the file of the segment before, of whatever epoch; empty for the first of a log. */
  previous: z.union([hex256, z.literal("")]),
  /** Of the log's tree over all its lines up to `last`. */
  root: hex256,
});
export type SegmentHeader = z.infer<typeof segmentHeader>;

/** A line with the bytes that it is the hash of. */
export interface ArchivedLine extends ProvenLine {
  /** Null where the record was disposed of before its lines were sealed. */
  text: string | null;
  /** Of an access line that could have been handed over twice: by a tablet or the local journal. */
  givenId?: string;
  /** Of a care line that is not quarantined: also where its bytes are gone. */
  entryId?: string;
}
const archivedLine = compiled(
  z.object({
    epoch: count,
    position: count,
    received: z.iso.datetime(),
    deviceId: z.nullable(z.string()),
    hash: hex256,
    signature: z.nullable(z.string()),
    recordId: z.optional(z.string()),
    n: z.optional(z.nullable(z.int())),
    quarantine: z.optional(z.nullable(z.string())),
    text: z.nullable(z.string()),
    givenId: z.optional(z.string()),
    entryId: z.optional(z.string()),
  }),
);

/** Its hash is named by the next segment. */
export type Segment = SealedFile<SegmentHeader>;

/** Of one opened segment: 4 MB before compression, and as much again for its JSON. */
const openedBytesMax = 64_000_000;

/** The file of a segment; `key` is the log key, Ed25519. */
export const sealSegment = async (
  about: Omit<SegmentHeader, "format" | "sealedBytes" | "sealedHash">,
  lines: readonly ArchivedLine[],
  recipients: readonly string[],
  key: KeyObject,
): Promise<{ header: SegmentHeader; file: Buffer; hash: string }> => {
  const plain = joined(lines.map((line) => JSON.stringify(line)));
  return sealFile(
    { format: "holdfast segment 1" as const, ...about },
    await promisify(gzip)(plain, { level: 3 }),
    recipients,
    key,
  );
};

/** Lines of UTF-8. Written one by one: joined first, as one string of megabytes, they cost twice as much. */
const joined = (lines: readonly string[]): Buffer => {
  const buffer = Buffer.allocUnsafe(lines.reduce((bytes, line) => bytes + 1 + Buffer.byteLength(line), 0));
  let at = 0;
  for (const line of lines) {
    at += buffer.write(line, at);
    buffer[at++] = 10;
  }
  return buffer.subarray(0, at - 1);
};

/** A file's parts, whole and unchanged since they were signed. Throws BadSealedFile; says nothing of whose key signed. */
export const readSegment = (file: Buffer): Segment => {
  const segment = readSealedFile(file, segmentHeader);
  if (segment.header.first > segment.header.last) throw new BadSealedFile("unreadable", "It ends before it begins.");
  return segment;
};

/**
 * The lines, by an identity that it was sealed to, and the bytes that they are read from. Throws BadSealedFile `other-key` where it was
 * not, `unreadable` for garbage.
 */
export const openSegment = async (
  { header, sealed }: Segment,
  identity: string,
): Promise<{ lines: ArchivedLine[]; bytes: Buffer }> => {
  const packed = await openSealed(sealed, identity);
  let lines: ArchivedLine[];
  let bytes: Buffer;
  try {
    bytes = await promisify(gunzip)(packed, { maxOutputLength: openedBytesMax });
    lines = bytes
      .toString()
      .split("\n")
      .map((line) => archivedLine.parse(JSON.parse(line)) as ArchivedLine);
  } catch {
    throw new BadSealedFile("unreadable", "What was sealed in it are no lines of a log: the base sealed garbage.");
  }
  const isWhole =
    lines.length === header.last - header.first + 1 &&
    lines.every(({ epoch, position }, i) => epoch === header.epoch && position === header.first + i);
  if (!isWhole) throw new BadSealedFile("unreadable", "The lines in it are not those that its header names.");
  return { lines, bytes };
};

/** `northmoor/care/0000000001-0000000312`: in the order of their lines. */
export const segmentName = ({ trust, log, first, last, epoch }: SegmentHeader): string =>
  `${folderOf(trust, log)}/${padded(first)}-${padded(last)}.${epoch}.segment`;
export const folderOf = (trust: string, log: LogName): string => `${trust}/${log}`;
const padded = (position: number): string => String(position).padStart(12, "0");
