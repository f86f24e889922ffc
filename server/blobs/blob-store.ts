import { createHash } from "node:crypto";
import type pg from "pg";
import { limits } from "#protocol/limits.ts";
import type { BehindGlass } from "../logs/record-reader.ts";
import type { KeyRing } from "../sealing/key-ring.ts";

/** What is stored of a blob. `bytes` is its whole length, `stored` what has arrived. */
export interface BlobState {
  bytes: number;
  stored: number;
  complete: boolean;
  type: string;
}

export type ChunkOutcome =
  | { outcome: "stored"; offset: number; complete: boolean }
  /** The blob stands at another offset. */
  | { outcome: "elsewhere"; offset: number }
  /** The bytes are not what the hash says. They were dropped; begin again at 0. */
  | { outcome: "wrong-hash" }
  | { outcome: "quota" };

/** Undefined is the crew's right (any record of the trust); a site's screens read their site's records, and others for a reason. */
type Reader = string | BehindGlass | undefined;

/** Attachments, addressed by the hash of their plain bytes, stored per record, sealed chunk by chunk, beside the logs. */
export interface BlobStore {
  state(reader: Reader, recordId: string, sha256: string): Promise<BlobState | undefined>;
  append(chunk: Chunk): Promise<ChunkOutcome>;
  /** Plain bytes from `from` to `to`, inclusive, of a complete blob. */
  read(reader: Reader, recordId: string, sha256: string, from: number, to: number): Promise<Buffer>;
}
export interface Chunk {
  recordId: string;
  sha256: string;
  offset: number;
  bytes: number;
  type: string;
  data: Buffer;
}

/** Bytes of all blobs of one record. */
const recordBytesMax = 200_000_000;

/** What a chunk (by its offset, bytes) or a blob's type is sealed with, so that it cannot be moved elsewhere. */
export const aboutBlob = (recordId: string, sha256: string, part: number | "type"): string =>
  `${recordId}\n${sha256}\n${part}`;

/** A blob may come before its record's first entry, which makes the record's key, so blobs have a key of their own. */
export const createBlobStore = (
  pools: { crew: pg.Pool; care: pg.Pool },
  keyRing: KeyRing,
  quotaBytes: number,
): BlobStore => {
  const openChunk = (row: ChunkRow, recordId: string, sha256: string) =>
    keyRing.openBytes("blob", row.sealed, aboutBlob(recordId, sha256, Number(row.start)));

  const state: BlobStore["state"] = async (reader, recordId, sha256) => {
    const { name, blob, first } = waysOf(reader);
    const pool = reader === undefined ? pools.crew : pools.care;
    const { rows } = await pool.query<BlobRow>({ name, text: blob, values: [...first, recordId, bytes(sha256)] });
    return rows[0] && asState(rows[0], keyRing, aboutBlob(recordId, sha256, "type"));
  };

  const append: BlobStore["append"] = async (chunk) => {
    const { recordId, sha256, offset, data } = chunk;
    const client = await pools.crew.connect();
    try {
      await client.query("BEGIN");
      if (offset === 0 && (await isOverQuota(client, chunk))) return { outcome: "quota" };
      await client.query(
        `INSERT INTO blob (record_id, sha256, bytes, sealed_type) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
        [recordId, bytes(sha256), chunk.bytes, keyRing.seal("blob", chunk.type, aboutBlob(recordId, sha256, "type"))],
      );
      const { rows } = await client.query<BlobRow>(`${blobSql} FOR UPDATE`, [recordId, bytes(sha256)]);
      const row = rows[0]!;
      const stored = Number(row.stored);
      const length = Number(row.bytes);
      if (row.complete) return { outcome: "stored", offset: stored, complete: true };
      if (stored !== offset || length !== chunk.bytes || offset + data.length > length)
        return { outcome: "elsewhere", offset: stored };
      await client.query("INSERT INTO blob_chunk VALUES ($1, $2, $3, $4)", [
        recordId,
        bytes(sha256),
        offset,
        keyRing.sealBytes("blob", data, aboutBlob(recordId, sha256, offset)),
      ]);
      const now = offset + data.length;
      const complete = now === length;
      if (complete && (await hashOf(client, recordId, sha256)) !== sha256) {
        await client.query("DELETE FROM blob_chunk WHERE record_id = $1 AND sha256 = $2", [recordId, bytes(sha256)]);
        await client.query("DELETE FROM blob WHERE record_id = $1 AND sha256 = $2", [recordId, bytes(sha256)]);
        await client.query("COMMIT");
        return { outcome: "wrong-hash" };
      }
      await client.query("UPDATE blob SET stored = $3, complete = $4 WHERE record_id = $1 AND sha256 = $2", [
        recordId,
        bytes(sha256),
        now,
        complete,
      ]);
      await client.query("COMMIT");
      return { outcome: "stored", offset: now, complete };
    } finally {
      // Ends whatever did not commit above; after a commit it changes nothing.
      await client.query("ROLLBACK").catch(() => {});
      client.release();
    }
  };

  /** Counted at the first chunk only, by the length that it announces. */
  const isOverQuota = async (client: pg.PoolClient, { recordId, sha256, bytes: length }: Chunk): Promise<boolean> => {
    const { rows } = await client.query<{ all: string; record: string }>(
      `SELECT coalesce(sum(bytes), 0) AS all, coalesce(sum(bytes) FILTER (WHERE record_id = $1), 0) AS record FROM blob
       WHERE NOT (record_id = $1 AND sha256 = $2)`,
      [recordId, bytes(sha256)],
    );
    return Number(rows[0]?.all) + length > quotaBytes || Number(rows[0]?.record) + length > recordBytesMax;
  };

  /** In order, a page of chunks at a time: a blob is never whole in memory here. */
  const hashOf = async (client: pg.PoolClient, recordId: string, sha256: string): Promise<string> => {
    const whole = createHash("sha256");
    for (let next = 0; ; ) {
      const { rows } = await client.query<ChunkRow>(
        "SELECT start, sealed FROM blob_chunk WHERE record_id = $1 AND sha256 = $2 AND start >= $3 ORDER BY start LIMIT 16",
        [recordId, bytes(sha256), next],
      );
      for (const row of rows) {
        const plain = openChunk(row, recordId, sha256);
        whole.update(plain);
        next = Number(row.start) + plain.length;
      }
      if (rows.length === 0) return whole.digest("hex");
    }
  };

  const read: BlobStore["read"] = async (reader, recordId, sha256, from, to) => {
    // A chunk that holds `from` begins at most one chunk before it.
    const first = Math.max(0, from - limits.blobChunkBytes + 1);
    const ways = waysOf(reader);
    const pool = reader === undefined ? pools.crew : pools.care;
    const { rows } = await pool.query<ChunkRow>(ways.chunks, [...ways.first, recordId, bytes(sha256), first, to]);
    const parts = rows.map((row) => openChunk(row, recordId, sha256));
    const begin = Number(rows[0]?.start ?? 0);
    return Buffer.concat(parts).subarray(from - begin, to - begin + 1);
  };

  return { state, append, read };
};

interface BlobRow {
  bytes: string;
  stored: string;
  complete: boolean;
  sealed_type: Buffer;
}
interface ChunkRow {
  start: string;
  sealed: Buffer;
}
const blobSql = "SELECT bytes, stored, complete, sealed_type FROM blob WHERE record_id = $1 AND sha256 = $2";
const chunksSql = `SELECT start, sealed FROM blob_chunk
  WHERE record_id = $1 AND sha256 = $2 AND start BETWEEN $3 AND $4 ORDER BY start`;

/** The statements of each right, and the parameters that come first in them. */
const waysOf = (reader: Reader): { name: string; blob: string; chunks: string; first: readonly string[] } => {
  if (reader === undefined) return { name: "blob", blob: blobSql, chunks: chunksSql, first: [] };
  if (typeof reader === "string")
    return {
      name: "blob-site",
      blob: "SELECT * FROM blob_for_site($1, $2, $3)",
      chunks: "SELECT * FROM chunks_for_site($1, $2, $3, $4, $5)",
      first: [reader],
    };
  return {
    name: "blob-glass",
    blob: "SELECT * FROM blob_behind_glass($1, $2, $3, $4)",
    chunks: "SELECT * FROM chunks_behind_glass($1, $2, $3, $4, $5, $6)",
    first: [reader.deviceId, reader.userId],
  };
};

const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");

const asState = (row: BlobRow, keyRing: KeyRing, about: string): BlobState => ({
  bytes: Number(row.bytes),
  stored: Number(row.stored),
  complete: row.complete,
  type: keyRing.open("blob", row.sealed_type, about),
});
