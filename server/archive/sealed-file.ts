import { hash, type KeyObject, sign, verify } from "node:crypto";
import canonicalize from "canonicalize";
import * as z from "zod/mini";
import { decryptAge, encryptToAge } from "./age-file.ts";

/**
 * A file of the archive: one line of canonical JSON, which anybody may read, one line with its signature by the log key, and an age
 * file (age-encryption.org v1) to public keys, so that whoever sealed it cannot read it back.
 */

export const hex256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));
export const count = z.int().check(z.minimum(1));
/** What every header has, beside what its kind of file is about. */
export const sealedHeader = {
  trust: z.string().check(z.regex(/^[a-z0-9-]{1,40}$/)),
  /** Of the age file. */
  sealedBytes: count,
  sealedHash: hex256,
  sealedAt: z.iso.datetime(),
};

interface SealedHeader {
  sealedBytes: number;
  sealedHash: string;
}

export interface SealedFile<Header> {
  header: Header;
  /** SHA-256 of the file. */
  hash: string;
  /** The first line as it was signed, and its signature. */
  statement: string;
  signature: Buffer;
  sealed: Buffer;
}

/** What is wrong with a file, in the words of whoever looks for it in the archive. */
export class BadSealedFile extends Error {
  readonly code: "unreadable" | "changed" | "bad-signature" | "other-key" | "wrong-bytes";
  constructor(code: BadSealedFile["code"], message: string) {
    super(message);
    this.name = "BadSealedFile";
    this.code = code;
  }
}

const headerBytesMax = 4_000;

/** `key` is the log key, Ed25519. */
export const sealFile = async <About extends object>(
  about: About,
  plain: Uint8Array,
  recipients: readonly string[],
  key: KeyObject,
): Promise<{ header: About & SealedHeader; file: Buffer; hash: string }> => {
  const sealed = await encryptToAge(plain, recipients);
  const header = { ...about, sealedBytes: sealed.length, sealedHash: hash("sha256", sealed) };
  const statement = canonicalize(header)!;
  const signature = sign(null, Buffer.from(statement), key).toString("base64url");
  const file = Buffer.concat([Buffer.from(`${statement}\n${signature}\n`), sealed]);
  return { header, file, hash: hash("sha256", file) };
};

/** A file's parts, whole and unchanged since they were signed. Throws BadSealedFile; says nothing of whose key signed. */
export const readSealedFile = <Header extends SealedHeader>(
  file: Buffer,
  schema: z.ZodMiniType<Header>,
): SealedFile<Header> => {
  const [end, second] = lineEnds(file);
  const statement = file.toString("utf8", 0, end);
  const header = headerOf(statement, schema);
  const sealed = file.subarray(second + 1);
  if (sealed.length !== header.sealedBytes || hash("sha256", sealed) !== header.sealedHash)
    throw new BadSealedFile("changed", "What is sealed is not what the header says: the file is torn or was changed.");
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
  if (second < 0) throw new BadSealedFile("unreadable", "It has no header and signature.");
  return [end, second];
};

const headerOf = <Header>(statement: string, schema: z.ZodMiniType<Header>): Header => {
  let value: unknown;
  try {
    value = JSON.parse(statement);
  } catch {
    throw new BadSealedFile("unreadable", "Its header is no JSON.");
  }
  const read = schema.safeParse(value);
  if (!read.success) throw new BadSealedFile("unreadable", "Its header is none that this version knows.");
  return read.data;
};

/** Throws BadSealedFile unless one of these log keys signed it. */
export const checkSigner = (
  { statement, signature }: Pick<SealedFile<unknown>, "statement" | "signature">,
  keys: readonly KeyObject[],
): void => {
  if (keys.some((key) => verify(null, Buffer.from(statement), key, signature))) return;
  throw new BadSealedFile("bad-signature", "None of the trust's log keys signed it.");
};

/** What was sealed, by an identity that it was sealed to. Throws BadSealedFile `other-key` where it was not. */
export const openSealed = (sealed: Buffer, identity: string): Promise<Buffer> =>
  decryptAge(sealed, identity).catch(() => {
    throw new BadSealedFile("other-key", "It was sealed to other keys than this.");
  });
