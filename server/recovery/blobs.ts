import { createHash, type KeyObject } from "node:crypto";
import type pg from "pg";
import { limits } from "#protocol/limits.ts";
import { type ArchivedBlob, objectOf, openPiece, pieceBytes, pieceName, readPiece } from "../archive/blob-piece.ts";
import { checkOpenings } from "../archive/epochs.ts";
import type { Letterbox } from "../archive/letterbox.ts";
import { BadSealedFile, checkSigner } from "../archive/sealed-file.ts";
import { aboutBlob } from "../blobs/blob-store.ts";
import { everyKey } from "../epochs/opening.ts";
import type { KeyRing } from "../sealing/key-ring.ts";

/** `incomplete`: a piece is not there; the base may have stopped in the middle. `other-place`: a piece under another's name. */
export type BlobFault = BadSealedFile["code"] | "incomplete" | "other-place" | "wrong-bytes";

/** What a restore shows of blobs. An altered one that an entry refers to is missing as well. */
export interface RestoredBlobs {
  /** In the database now. */
  restored: number;
  /** Of records that were disposed of, or later than the instant asked for. */
  leftOut: number;
  /** By their names in the archive. */
  altered: { object: string; fault: BlobFault }[];
  /** Blobs that restored entries refer to, which nobody may have sent yet. */
  missing: { recordId: string; sha256: string }[];
}

interface BlobsAsked {
  keyRing: KeyRing;
  trust: string;
  letterbox: Pick<Letterbox, "blobs" | "readBlob" | "openings">;
  logKeys: readonly KeyObject[];
  officers?: readonly KeyObject[];
  identity: string;
  toTime?: Date;
}

class BadBlob extends Error {
  readonly fault: BlobFault;
  constructor(fault: BlobFault) {
    super(`This blob cannot be taken from the archive: ${fault}.`);
    this.name = "BadBlob";
    this.fault = fault;
  }
}

/**
 * Puts the archive's blobs into a database whose logs are there, sealed anew, a piece in memory at a time. Those that are there
 * already are not read again; one that is not good is named, and the next is taken. `client` is the owner's, in no transaction.
 */
export const restoreBlobs = async (
  client: pg.Client,
  asked: BlobsAsked,
): Promise<Pick<RestoredBlobs, "leftOut" | "altered">> => {
  const altered: RestoredBlobs["altered"] = [];
  let leftOut = 0;
  const openings = checkOpenings(await asked.letterbox.openings(asked.trust), asked.officers ?? []);
  const logKeys = everyKey(asked.logKeys, openings);
  for await (const { object, names } of objects(asked)) {
    if (await isRestored(client, object)) continue;
    await client.query("BEGIN");
    try {
      const isKept = await restoreBlob(client, { ...asked, logKeys }, object, names);
      await client.query(isKept ? "COMMIT" : "ROLLBACK");
      if (!isKept) leftOut += 1;
    } catch (error) {
      await client.query("ROLLBACK");
      if (error instanceof BadBlob) altered.push({ object, fault: error.fault });
      else if (error instanceof BadSealedFile) altered.push({ object, fault: error.code });
      else throw error;
    }
  }
  return { leftOut, altered };
};

export const countBlobs = async (client: pg.Client): Promise<number> => {
  const { rows } = await client.query<{ blobs: string }>("SELECT count(*) AS blobs FROM blob WHERE complete");
  return Number(rows[0]!.blobs);
};

/** Those of a page of references that are not in the database. */
export const missingOf = async (
  client: Pick<pg.ClientBase, "query">,
  refs: RestoredBlobs["missing"],
): Promise<RestoredBlobs["missing"]> => {
  const { rows } = await client.query<{ record_id: string; sha256: Buffer }>(
    `SELECT DISTINCT r.record_id, r.sha256 FROM unnest($1::uuid[], $2::bytea[]) AS r (record_id, sha256)
     WHERE NOT EXISTS (SELECT FROM blob b WHERE b.record_id = r.record_id AND b.sha256 = r.sha256 AND b.complete)`,
    [refs.map(({ recordId }) => recordId), refs.map(({ sha256 }) => Buffer.from(sha256, "hex"))],
  );
  return rows.map(({ record_id, sha256 }) => ({ recordId: record_id, sha256: sha256.toString("hex") }));
};

/** The pieces of each blob, which are neighbours in the archive's list. */
async function* objects({
  letterbox,
  trust,
}: Pick<BlobsAsked, "letterbox" | "trust">): AsyncGenerator<{ object: string; names: string[] }> {
  let object = "";
  let names: string[] = [];
  for (let after = ""; ; ) {
    const page = await letterbox.blobs(trust, after);
    for (const name of page) {
      if (objectOf(name) !== object && names.length > 0) yield { object, names };
      if (objectOf(name) !== object) names = [];
      object = objectOf(name);
      names.push(name);
    }
    after = page.at(-1) ?? after;
    if (page.length > 0) continue;
    if (names.length > 0) yield { object, names };
    return;
  }
}

const isRestored = async (client: pg.Client, object: string): Promise<boolean> => {
  const { rowCount } = await client.query("SELECT FROM blob WHERE archived = $1", [object]);
  return rowCount !== 0;
};

/** False for a blob that is not to be restored. Rejects with BadBlob or BadSealedFile. */
const restoreBlob = async (
  client: pg.Client,
  asked: BlobsAsked,
  object: string,
  names: readonly string[],
): Promise<boolean> => {
  let blob: ArchivedBlob | undefined;
  const whole = createHash("sha256");
  let pieces = 0;
  for (const [i, name] of names.entries()) {
    const opened = await readOne(asked, name, i + 1);
    pieces = opened.pieces;
    if (blob === undefined) {
      if (!(await isWanted(client, asked, opened.blob))) return false;
      if (!(await insertBlob(client, asked.keyRing, opened.blob, object))) return true;
    } else if (!isSame(blob, opened.blob)) throw new BadBlob("other-place");
    blob = opened.blob;
    whole.update(opened.bytes);
    await insertChunks(client, asked.keyRing, blob, opened.start, opened.bytes);
  }
  if (names.length !== pieces) throw new BadBlob("incomplete");
  if (whole.digest("hex") !== blob!.sha256) throw new BadBlob("wrong-bytes");
  return true;
};

const readOne = async ({ letterbox, trust, logKeys, identity }: BlobsAsked, name: string, expected: number) => {
  const file = await letterbox.readBlob(trust, name);
  if (file === undefined) throw new BadBlob("incomplete");
  const piece = readPiece(file);
  checkSigner(piece, logKeys);
  const { header } = piece;
  if (header.trust !== trust || pieceName(header) !== name) throw new BadBlob("other-place");
  if (header.piece !== expected) throw new BadBlob("incomplete");
  return { ...(await openPiece(piece, identity)), pieces: header.pieces, start: (header.piece - 1) * pieceBytes };
};

const isSame = (a: ArchivedBlob, b: ArchivedBlob): boolean =>
  a.recordId === b.recordId && a.sha256 === b.sha256 && a.bytes === b.bytes && a.started === b.started;

const isWanted = async (
  client: pg.Client,
  { toTime }: BlobsAsked,
  { recordId, started }: ArchivedBlob,
): Promise<boolean> => {
  if (toTime !== undefined && Date.parse(started) > toTime.getTime()) return false;
  const { rowCount } = await client.query("SELECT FROM disposed_record WHERE record_id = $1 AND disposed >= $2", [
    recordId,
    started,
  ]);
  return rowCount === 0;
};

/** False where it is there whole: sealed twice under two names, or sent again by its tablet. What is there in part gives way. */
const insertBlob = async (
  client: pg.Client,
  keyRing: KeyRing,
  { recordId, sha256, bytes, type, started }: ArchivedBlob,
  object: string,
): Promise<boolean> => {
  const which = [recordId, Buffer.from(sha256, "hex")];
  await client.query(
    "DELETE FROM blob_chunk c USING blob b WHERE NOT b.complete AND b.record_id = $1 AND b.sha256 = $2 AND c.record_id = $1 AND c.sha256 = $2",
    which,
  );
  await client.query("DELETE FROM blob WHERE record_id = $1 AND sha256 = $2 AND NOT complete", which);
  const { rowCount } = await client.query(
    `INSERT INTO blob (record_id, sha256, bytes, stored, complete, started, sealed_type, archived)
     VALUES ($1, $2, $3, $3, true, $4, $5, $6) ON CONFLICT DO NOTHING`,
    [...which, bytes, started, keyRing.seal("blob", type, aboutBlob(recordId, sha256, "type")), object],
  );
  return rowCount === 1;
};

const insertChunks = async (
  client: pg.Client,
  keyRing: KeyRing,
  { recordId, sha256 }: ArchivedBlob,
  start: number,
  bytes: Buffer,
): Promise<void> => {
  for (let at = 0; at < bytes.length; at += limits.blobChunkBytes) {
    const chunk = bytes.subarray(at, at + limits.blobChunkBytes);
    const sealed = keyRing.sealBytes("blob", chunk, aboutBlob(recordId, sha256, start + at));
    await client.query("INSERT INTO blob_chunk (record_id, sha256, start, sealed) VALUES ($1, $2, $3, $4)", [
      recordId,
      Buffer.from(sha256, "hex"),
      start + at,
      sealed,
    ]);
  }
};
