import { createHash } from "node:crypto";
import type pg from "pg";
import { aboutBlob } from "../blobs/blob-store.ts";
import { ArchiveStopped } from "./archive-fault.ts";
import type { ArchiverParts } from "./archiver.ts";
import { type ArchivedBlob, objectName, pieceBytes, piecesOf, sealPiece } from "./blob-piece.ts";

interface BlobRow {
  record_id: string;
  sha256: Buffer;
  bytes: string;
  started: Date;
  sealed_type: Buffer;
}

/** A blob whose chunks were changed at rest, or are not there. */
class UnreadableBlob extends Error {
  constructor(options?: ErrorOptions) {
    super("A blob cannot be opened any more.", options);
    this.name = "UnreadableBlob";
  }
}

/**
 * Hands over every whole blob that is not in the archive, the oldest first, a piece in memory at a time; resolves to how many. One
 * that cannot be read holds no other up: after the others it rejects with ArchiveStopped `unreadable`. A blob that was cut short
 * begins again: the letterbox keeps each piece once.
 */
export const sealBlobs = async (parts: ArchiverParts, signal?: AbortSignal): Promise<number> => {
  const { pool } = parts;
  let sealed = 0;
  let unreadable: UnreadableBlob | undefined;
  const waiting = await blobsWaiting(pool);
  parts.onBlobsWaiting?.(waiting);
  for (let last: BlobRow | undefined; !signal?.aborted; ) {
    const row = await nextBlob(pool, last);
    if (row === undefined) break;
    last = row;
    try {
      if (await sealBlob(parts, row, signal)) sealed += 1;
      parts.onBlobsWaiting?.(waiting - sealed);
    } catch (error) {
      if (!(error instanceof UnreadableBlob)) throw error;
      // Its record may have been disposed of meanwhile.
      if (await isThere(pool, row)) unreadable = error;
    }
  }
  if (unreadable !== undefined) throw new ArchiveStopped("unreadable", { cause: unreadable });
  return sealed;
};

/** For a letterbox that may have lost some: it keeps each piece that it has, and takes the others. */
export const offerAllAgain = async (pool: pg.Pool): Promise<void> => {
  await pool.query("UPDATE blob SET archived = NULL WHERE archived IS NOT NULL");
};

/** False where the stop came first. */
const sealBlob = async (parts: ArchiverParts, row: BlobRow, signal?: AbortSignal): Promise<boolean> => {
  const { trust, pool, keyRing, letterbox, recipients, logKey } = parts;
  const blob = openBlob(parts, row);
  // Of the record too: the same picture in two of them is two blobs, and neither says so.
  const id = keyRing.blind("archived blob", `${blob.recordId}\n${blob.sha256}`).toString("hex").slice(0, 32);
  const object = objectName(row.started, id);
  const whole = createHash("sha256");
  for (let piece = 1; piece <= piecesOf(blob.bytes); piece++) {
    if (signal?.aborted) return false;
    const bytes = await readBytes(parts, blob, (piece - 1) * pieceBytes);
    whole.update(bytes);
    // Before the last piece, so that no blob is whole in the archive that is not in the database.
    if (piece === piecesOf(blob.bytes) && whole.digest("hex") !== blob.sha256) throw new UnreadableBlob();
    const about = { trust, object, piece, sealedAt: new Date().toISOString() };
    const file = await sealPiece(about, blob, bytes, recipients, logKey);
    await letterbox.takeBlob(trust, file).catch((error) => {
      throw new ArchiveStopped("refused", { cause: error });
    });
  }
  await pool.query("UPDATE blob SET archived = $3 WHERE record_id = $1 AND sha256 = $2 AND complete", [
    row.record_id,
    row.sha256,
    object,
  ]);
  return true;
};

const openBlob = ({ keyRing }: ArchiverParts, row: BlobRow): ArchivedBlob => {
  const [recordId, sha256] = [row.record_id, row.sha256.toString("hex")];
  try {
    const type = keyRing.open("blob", row.sealed_type, aboutBlob(recordId, sha256, "type"));
    return { recordId, sha256, bytes: Number(row.bytes), type, started: row.started.toISOString() };
  } catch (error) {
    throw new UnreadableBlob({ cause: error });
  }
};

/** A piece's bytes. Chunks are as the sender cut them; one that holds the end of a piece is read again for the next. */
const readBytes = async ({ pool, keyRing }: ArchiverParts, blob: ArchivedBlob, start: number): Promise<Buffer> => {
  const { recordId, sha256 } = blob;
  const end = Math.min(start + pieceBytes, blob.bytes);
  const { rows } = await pool.query<{ start: string; sealed: Buffer }>(
    `SELECT start, sealed FROM blob_chunk WHERE record_id = $1 AND sha256 = $2 AND start < $4
       AND start >= coalesce((SELECT max(start) FROM blob_chunk WHERE record_id = $1 AND sha256 = $2 AND start <= $3), 0)
     ORDER BY start`,
    [recordId, Buffer.from(sha256, "hex"), start, end],
  );
  const first = Number(rows[0]?.start ?? 0);
  try {
    const plain = rows.map((row) =>
      keyRing.openBytes("blob", row.sealed, aboutBlob(recordId, sha256, Number(row.start))),
    );
    const bytes = Buffer.concat(plain).subarray(start - first, end - first);
    if (bytes.length === end - start) return bytes;
  } catch (error) {
    throw new UnreadableBlob({ cause: error });
  }
  throw new UnreadableBlob();
};

const waitingSql = "complete AND archived IS NULL";

const nextBlob = async (pool: pg.Pool, last: BlobRow | undefined): Promise<BlobRow | undefined> => {
  const { rows } = await pool.query<BlobRow>(
    `SELECT record_id, sha256, bytes, started, sealed_type FROM blob
     WHERE ${waitingSql} AND ($1::uuid IS NULL OR (started, record_id, sha256) >
       ((SELECT started FROM blob WHERE record_id = $1 AND sha256 = $2), $1::uuid, $2::bytea))
     ORDER BY started, record_id, sha256 LIMIT 1`,
    [last?.record_id ?? null, last?.sha256 ?? null],
  );
  return rows[0];
};

const isThere = async (pool: pg.Pool, { record_id, sha256 }: BlobRow): Promise<boolean> => {
  const { rowCount } = await pool.query("SELECT FROM blob WHERE record_id = $1 AND sha256 = $2", [record_id, sha256]);
  return rowCount === 1;
};

const blobsWaiting = async (pool: pg.Pool): Promise<number> => {
  const { rows } = await pool.query<{ waiting: string }>(`SELECT count(*) AS waiting FROM blob WHERE ${waitingSql}`);
  return Number(rows[0]!.waiting);
};
