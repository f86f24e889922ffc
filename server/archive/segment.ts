import { hash, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { gunzipSync, gzip } from "node:zlib";
import * as z from "zod/mini";
import { type LogName, logNames, type ProvenLine } from "#defence/log/line.ts";
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
 * A segment of the archive: consecutive lines of one log. What is sealed is gzip around, for each of them, a JSON text and a line break,
 * and then the line's own bytes as they were given, with a break after them: nothing that was hashed is ever written another way.
 */

export const segmentHeader = z.object({
  format: z.literal("holdfast segment 2"),
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
  bytes: Buffer | null;
  /** Of an access line that could have been handed over twice: by a tablet or the local journal. */
  givenId?: string;
  /** Of a care line that is not quarantined: also where its bytes are gone. */
  entryId?: string;
}
/** As it is written; `bytes` is how many follow. */
type WrittenLine = Omit<ArchivedLine, "bytes"> & { bytes: number | null };

/** By hand: a restore asks it of every line of a log, and a schema's copy of each was a twentieth of its time. */
const isWritten = (line: WrittenLine, log: LogName): boolean =>
  isCount(line.epoch, 1, int4Max) &&
  isCount(line.position, 1) &&
  isText(line.received, instant) &&
  isText(line.hash, sha256Hex) &&
  (line.bytes === null || isCount(line.bytes, 0)) &&
  (line.deviceId === null || isText(line.deviceId, uuid)) &&
  (line.signature === null || isText(line.signature, words)) &&
  (line.givenId === undefined || isText(line.givenId, uuid)) &&
  (log === "care" ? isOfCare(line) : line.bytes !== null);
/** What the table asks: a quarantined line has no place in a chain, since its bytes may be anything. */
const isOfCare = ({ deviceId, recordId, n, entryId, quarantine }: WrittenLine): boolean =>
  deviceId !== null &&
  isText(recordId, uuid) &&
  (quarantine == null ? isCount(n, 1, int4Max) && isText(entryId, uuid) : isText(quarantine, words) && n == null);
const isCount = (value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): boolean =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;
const isText = (value: unknown, form: RegExp): boolean => typeof value === "string" && form.test(value);
const int4Max = 2 ** 31 - 1;
const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const sha256Hex = /^[0-9a-f]{64}$/;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const words = /^[\x20-\x7e]*$/;
/** Of what is said of a line. */
const aboutBytesMax = 16_000;

/** Its hash is named by the next segment. */
export type Segment = SealedFile<SegmentHeader>;

/** Of one opened segment: 4 MB before compression, and what is said of each line. */
const openedBytesMax = 64_000_000;

/** The file of a segment of lines that are written out; `key` is the log key, Ed25519. */
export const sealSegment = async (
  about: Omit<SegmentHeader, "format" | "sealedBytes" | "sealedHash">,
  opened: Buffer,
  recipients: readonly string[],
  key: KeyObject,
): Promise<{ header: SegmentHeader; file: Buffer; hash: string }> =>
  sealFile(
    { format: "holdfast segment 2" as const, ...about },
    await promisify(gzip)(opened, { level: 1, chunkSize: packedPieceBytes }),
    recipients,
    key,
  );

/** Consecutive lines of one log and one epoch, written out for their segment. */
export interface WrittenLines {
  epoch: number;
  first: number;
  last: number;
  /** When the first was. */
  received: string;
  /** Behind one another. */
  leaves: Buffer;
  opened: Buffer;
  /** More wait behind them already. */
  isPart: boolean;
}

/** Lines written out. One by one into one buffer: joined first, as one string of megabytes, they cost twice as much. */
export const writeOut = (lines: readonly ArchivedLine[]): Buffer => {
  const abouts = lines.map((line) => lineAbout({ ...line, bytes: line.bytes?.length ?? null }));
  const all = lines.reduce((sum, { bytes }, i) => sum + writtenBytes(abouts[i]!, bytes), 0);
  const buffer = Buffer.allocUnsafe(all);
  let at = 0;
  for (const [i, { bytes }] of lines.entries()) at = writeLine(buffer, at, abouts[i]!, bytes);
  return buffer;
};
/** What is said of a line. */
export const lineAbout = (line: WrittenLine): string => JSON.stringify(line);
/** How much room a line takes. */
export const writtenBytes = (about: string, bytes: Buffer | null): number =>
  Buffer.byteLength(about) + 1 + (bytes === null ? 0 : bytes.length + 1);
/** Writes a line at a place where there is room for it; where it ends. */
export const writeLine = (buffer: Buffer, at: number, about: string, bytes: Buffer | null): number => {
  const end = writeBreak(buffer, at + buffer.write(about, at));
  if (bytes === null) return end;
  buffer.set(bytes, end);
  return writeBreak(buffer, end + bytes.length);
};
const writeBreak = (buffer: Buffer, at: number): number => {
  buffer[at] = lineBreak;
  return at + 1;
};
const lineBreak = 10;
/** Fewer pieces wait for fewer turns; one of a megabyte would be as much garbage as the rest together. */
const packedPieceBytes = 128_000;

/** A file's parts, whole and unchanged since they were signed. Throws BadSealedFile; says nothing of whose key signed. */
export const readSegment = (file: Buffer): Segment => {
  const segment = readSealedFile(file, segmentHeader);
  if (segment.header.first > segment.header.last) throw new BadSealedFile("unreadable", "It ends before it begins.");
  return segment;
};

/** What was sealed, by an identity that it was sealed to. Throws BadSealedFile `other-key` where it was not, `unreadable` for garbage. */
export const openSegment = async ({ sealed }: Pick<Segment, "sealed">, identity: string): Promise<Buffer> => {
  const packed = await openSealed(sealed, identity);
  try {
    // Not by a callback for each piece: waiting for its turn, each costs as much as its work.
    return gunzipSync(packed, { maxOutputLength: openedBytesMax, chunkSize: openedPieceBytes });
  } catch {
    throw garbage();
  }
};
const openedPieceBytes = 1_000_000;
const garbage = (): BadSealedFile =>
  new BadSealedFile("unreadable", "What was sealed in it are no lines of a log: the base sealed garbage.");

/**
 * The lines of an opened segment, each checked as it comes: its form, its place and its bytes. Throws BadSealedFile `unreadable` or
 * `wrong-bytes`.
 */
export function* checkedLines(opened: Buffer, { log, first, last, epoch }: SegmentHeader): Generator<ArchivedLine> {
  let position = first;
  for (const line of linesIn(opened, (text) => readLine(text, log))) {
    if (line.position !== position || line.epoch !== epoch) throw otherLines();
    if (line.bytes !== null && hash("sha256", line.bytes) !== line.hash)
      throw new BadSealedFile("wrong-bytes", `The bytes of line ${position} are not those that its hash names.`);
    position += 1;
    yield line;
  }
  if (position !== last + 1) throw otherLines();
}
const otherLines = (): BadSealedFile =>
  new BadSealedFile("unreadable", "The lines in it are not those that its header names.");

const readLine = (text: string, log: LogName): WrittenLine => {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    throw garbage();
  }
  if (typeof line !== "object" || line === null || !isWritten(line as WrittenLine, log)) throw garbage();
  return line as WrittenLine;
};

/**
 * The lines of an opened segment that was checked, or of a part of it that begins and ends with a line; where that is asked, from one on
 * until before another, 0 the first.
 */
export function* linesOf(checked: Buffer, from = 0, until = Number.POSITIVE_INFINITY): Generator<ArchivedLine> {
  if (from >= until) return;
  let i = 0;
  for (const line of linesIn(checked, (text) => JSON.parse(text) as WrittenLine)) {
    if (i >= from) yield line;
    i += 1;
    if (i === until) return;
  }
}

/** One at a time: thousands of lines that lie about at once are what collecting garbage costs most for. */
function* linesIn(opened: Buffer, read: (text: string) => WrittenLine): Generator<ArchivedLine> {
  for (let at = 0; at < opened.length; ) {
    const start = opened.indexOf(lineBreak, at) + 1;
    if (start === 0 || start - at > aboutBytesMax) throw garbage();
    const written = read(opened.toString("utf8", at, start));
    const bytes = written.bytes === null ? null : opened.subarray(start, start + written.bytes);
    at = endOfLine(opened, at, bytes);
    if (bytes !== null && opened[at - 1] !== lineBreak) throw garbage();
    yield Object.assign(written, { bytes }) as ArchivedLine;
  }
}

/** Where the line that starts here ends, its break included. */
export const endOfLine = (opened: Buffer, start: number, bytes: Buffer | null): number =>
  1 + (bytes === null ? opened.indexOf(lineBreak, start) : bytes.byteOffset - opened.byteOffset + bytes.length);

/** `northmoor/care/0000000001-0000000312`: in the order of their lines. */
export const segmentName = ({ trust, log, first, last, epoch }: SegmentHeader): string =>
  `${folderOf(trust, log)}/${padded(first)}-${padded(last)}.${epoch}.segment`;
export const folderOf = (trust: string, log: LogName): string => `${trust}/${log}`;
const padded = (position: number): string => String(position).padStart(12, "0");
