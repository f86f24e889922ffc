import type { KeyObject } from "node:crypto";
import * as z from "zod/mini";
import { limits } from "#protocol/limits.ts";
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
 * A blob in the archive: pieces of at most `pieceBytes`, each a file by itself. What is sealed is one line of JSON that says which
 * part of which blob it is, and the bytes. The name tells when the blob began and how long it is, and nothing of what it shows.
 */

/** A piece is sealed at one go, so it is small enough that a segment next to it does not wait. */
export const pieceBytes = 16 * limits.blobChunkBytes;

export const piecesOf = (bytes: number): number => Math.max(1, Math.ceil(bytes / pieceBytes));

const pieceHeader = z.object({
  format: z.literal("holdfast blob 1"),
  ...sealedHeader,
  /** All of the blob's pieces have this: when it began, ms, and a keyed hash of what it is. */
  object: z.string().check(z.regex(/^\d{14}\.[0-9a-f]{32}$/)),
  piece: count,
  pieces: count,
});
type PieceHeader = z.infer<typeof pieceHeader>;
type PieceFile = SealedFile<PieceHeader>;

/** What the sealed line says; the same in every piece of a blob. */
const archivedBlob = z.object({
  recordId: z.uuid(),
  sha256: hex256,
  bytes: z.int().check(z.nonnegative(), z.maximum(limits.blobBytesMax)),
  type: z.string(),
  started: z.iso.datetime(),
});
export type ArchivedBlob = z.infer<typeof archivedBlob>;

/** `id`: 32 hexadecimal digits that nobody can make who has the blob and no key. In the order of their beginning. */
export const objectName = (started: Date, id: string): string => `${String(started.getTime()).padStart(14, "0")}.${id}`;

export const blobsFolder = (trust: string): string => `${trust}/blobs`;
/** `01760000000000.5f….0002-0020.blob`: pieces of a blob are neighbours, in their order. */
export const pieceName = ({ object, piece, pieces }: Pick<PieceHeader, "object" | "piece" | "pieces">): string =>
  `${object}.${padded(piece)}-${padded(pieces)}.blob`;
const padded = (piece: number): string => String(piece).padStart(4, "0");
/** The blob that a piece is of by its name; the name itself where it is none. */
export const objectOf = (name: string): string => /^(\d{14}\.[0-9a-f]{32})\.\d{4}-\d{4}\.blob$/.exec(name)?.[1] ?? name;

/** The file of a piece, 1 being the first; `key` is the log key. */
export const sealPiece = async (
  about: { trust: string; object: string; piece: number; sealedAt: string },
  blob: ArchivedBlob,
  bytes: Uint8Array,
  recipients: readonly string[],
  key: KeyObject,
): Promise<Buffer> => {
  const plain = Buffer.concat([Buffer.from(`${JSON.stringify(blob)}\n`), bytes]);
  const header = { format: "holdfast blob 1" as const, ...about, pieces: piecesOf(blob.bytes) };
  return (await sealFile(header, plain, recipients, key)).file;
};

/** Whole and unchanged since it was signed. Throws BadSealedFile; says nothing of whose key signed. */
export const readPiece = (file: Buffer): PieceFile => readSealedFile(file, pieceHeader);

/** Throws BadSealedFile where it was sealed to others or is no piece of a blob. */
export const openPiece = async (
  { header, sealed }: PieceFile,
  identity: string,
): Promise<{ blob: ArchivedBlob; bytes: Buffer }> => {
  const plain = Buffer.from(await openSealed(sealed, identity));
  const end = plain.indexOf(10);
  let blob: ArchivedBlob;
  try {
    blob = archivedBlob.parse(JSON.parse(plain.toString("utf8", 0, end)));
  } catch {
    throw new BadSealedFile("unreadable", "What was sealed in it is no part of a blob: the base sealed garbage.");
  }
  const bytes = plain.subarray(end + 1);
  const expected = Math.min(pieceBytes, blob.bytes - (header.piece - 1) * pieceBytes);
  if (header.pieces !== piecesOf(blob.bytes) || bytes.length !== expected)
    throw new BadSealedFile("unreadable", "It is not the part of the blob that its header says.");
  return { blob, bytes };
};
