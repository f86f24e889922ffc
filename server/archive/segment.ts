import { hash, type KeyObject, sign, verify } from "node:crypto";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { Decrypter, Encrypter } from "age-encryption";
import canonicalize from "canonicalize";
import * as z from "zod/mini";
import { type LogName, logNames, type ProvenLine } from "#defence/log/line.ts";

/**
 * A segment of the archive: consecutive lines of one log, sealed to public keys, so that whoever sealed it cannot read it back.
 * The file is one line of canonical JSON, which anybody may read, one line with its signature, and an age file (age-encryption.org
 * v1) around gzip around one JSON line for each line of the log.
 */

const hex256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const count = z.int().check(z.minimum(1));
export const segmentHeader = z.object({
  format: z.literal("holdfast segment 1"),
  trust: z.string().check(z.regex(/^[a-z0-9-]{1,40}$/)),
  log: z.enum(logNames),
  epoch: count,
  first: count,
  last: count,
  /** SHA-256 of the file of the segment before, of whatever epoch; empty for the first of a log. */
  previous: z.union([hex256, z.literal("")]),
  /** Of the log's tree over all its lines up to `last`. */
  root: hex256,
  /** Of the age file. */
  sealedBytes: count,
  sealedHash: hex256,
  sealedAt: z.iso.datetime(),
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
const archivedLine = z.object({
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
});

export interface Segment {
  header: SegmentHeader;
  /** Of the file: the next segment names it. */
  hash: string;
  /** The first line as it was signed, and its signature. */
  statement: string;
  signature: Buffer;
  sealed: Buffer;
}

/** What is wrong with a segment, in the words of whoever looks for it in the archive. */
export class BadSegment extends Error {
  readonly code: "unreadable" | "changed" | "bad-signature" | "other-key";
  constructor(code: BadSegment["code"], message: string) {
    super(message);
    this.name = "BadSegment";
    this.code = code;
  }
}

const headerBytesMax = 4_000;
/** Of one opened segment: 4 MB before compression, and as much again for its JSON. */
const openedBytesMax = 64_000_000;

/** The file of a segment; `key` is the log key, Ed25519. */
export const sealSegment = async (
  about: Omit<SegmentHeader, "format" | "sealedBytes" | "sealedHash">,
  lines: readonly ArchivedLine[],
  recipients: readonly string[],
  key: KeyObject,
): Promise<{ header: SegmentHeader; file: Buffer; hash: string }> => {
  const age = new Encrypter();
  for (const recipient of recipients) age.addRecipient(recipient);
  const plain = Buffer.from(lines.map((line) => JSON.stringify(line)).join("\n"));
  const sealed = await age.encrypt(await promisify(gzip)(plain, { level: 4 }));
  const header: SegmentHeader = {
    format: "holdfast segment 1",
    ...about,
    sealedBytes: sealed.length,
    sealedHash: hash("sha256", sealed),
  };
  const statement = canonicalize(header)!;
  const signature = sign(null, Buffer.from(statement), key).toString("base64url");
  const file = Buffer.concat([Buffer.from(`${statement}\n${signature}\n`), sealed]);
  return { header, file, hash: hash("sha256", file) };
};

/** A file's parts, whole and unchanged since they were signed. Throws BadSegment; says nothing of whose key signed. */
export const readSegment = (file: Buffer): Segment => {
  const [end, second] = lineEnds(file);
  const statement = file.toString("utf8", 0, end);
  const header = headerOf(statement);
  const sealed = file.subarray(second + 1);
  if (sealed.length !== header.sealedBytes || hash("sha256", sealed) !== header.sealedHash)
    throw new BadSegment("changed", "What is sealed is not what the header says: the file is torn or was changed.");
  if (header.first > header.last) throw new BadSegment("unreadable", "It ends before it begins.");
  return {
    header,
    hash: hash("sha256", file),
    statement,
    signature: Buffer.from(file.toString("latin1", end + 1, second), "base64url"),
    sealed,
  };
};

const lineEnds = (file: Buffer): [number, number] => {
  const end = file.subarray(0, headerBytesMax).indexOf(10);
  const second = end < 0 ? -1 : file.subarray(0, end + 1 + headerBytesMax).indexOf(10, end + 1);
  if (second < 0) throw new BadSegment("unreadable", "It has no header and signature.");
  return [end, second];
};

const headerOf = (statement: string): SegmentHeader => {
  let value: unknown;
  try {
    value = JSON.parse(statement);
  } catch {
    throw new BadSegment("unreadable", "Its header is no JSON.");
  }
  const read = segmentHeader.safeParse(value);
  if (!read.success) throw new BadSegment("unreadable", "Its header is none that this version knows.");
  return read.data;
};

/** Throws BadSegment unless one of these log keys signed it. */
export const checkSigner = ({ statement, signature }: Segment, keys: readonly KeyObject[]): void => {
  if (keys.some((key) => verify(null, Buffer.from(statement), key, signature))) return;
  throw new BadSegment("bad-signature", "None of the trust's log keys signed it.");
};

/** The lines, by an identity that it was sealed to. Throws BadSegment `other-key` where it was not, `unreadable` for garbage. */
export const openSegment = async ({ header, sealed }: Segment, identity: string): Promise<ArchivedLine[]> => {
  const age = new Decrypter();
  age.addIdentity(identity);
  const packed = await age.decrypt(sealed).catch(() => {
    throw new BadSegment("other-key", "It was sealed to other keys than this.");
  });
  let lines: ArchivedLine[];
  try {
    const plain = await promisify(gunzip)(packed, { maxOutputLength: openedBytesMax });
    lines = plain
      .toString()
      .split("\n")
      .map((line) => archivedLine.parse(JSON.parse(line)) as ArchivedLine);
  } catch {
    throw new BadSegment("unreadable", "What was sealed in it are no lines of a log: the base sealed garbage.");
  }
  const isWhole =
    lines.length === header.last - header.first + 1 &&
    lines.every(({ epoch, position }, i) => epoch === header.epoch && position === header.first + i);
  if (!isWhole) throw new BadSegment("unreadable", "The lines in it are not those that its header names.");
  return lines;
};

/** `northmoor/care/0000000001-0000000312`: in the order of their lines. */
export const segmentName = ({ trust, log, first, last, epoch }: SegmentHeader): string =>
  `${folderOf(trust, log)}/${padded(first)}-${padded(last)}.${epoch}.segment`;
export const folderOf = (trust: string, log: LogName): string => `${trust}/${log}`;
const padded = (position: number): string => String(position).padStart(12, "0");
