import type { BlobRef } from "#domain/entry/entry.ts";
import { limits } from "#protocol/limits.ts";
import type { ServerState } from "#protocol/server-state.ts";
import { TransportFailure } from "#sync/ports.ts";
import { sha256Hex } from "./bytes.ts";
import type { BlobRow, Database } from "./database.ts";
import { sealBytes, unsealBytes } from "./sealing.ts";
import { call, type Endpoint } from "./transport.ts";

/** Blobs of one device: ECG files, photos. Sealed at rest, told apart by the SHA-256 of their plain bytes, kept per record. */
export interface Blobs {
  /**
   * Keeps the bytes durably and queues them for upload in a lane of their own, behind every entry. Put the returned
   * reference into the entry's `blobs`. Rejects with a StoreFailure, or a RangeError when the bytes are none
   * or more than 20 MB.
   */
  put(recordId: string, bytes: Uint8Array, mime: string): Promise<BlobRef>;
  /** This device's copy, without asking anybody; undefined where it has none that opens. */
  held(recordId: string, sha256: string): Promise<Uint8Array | undefined>;
  /** This device's copy, else the base's, checked against the hash and kept; undefined when neither can give it now. */
  get(recordId: string, sha256: string): Promise<Uint8Array | undefined>;
}

export interface BlobLane extends Blobs {
  /** How many blobs the base may still lack. */
  waiting(): Promise<number>;
  /**
   * Sends what waits, chunk by chunk, from where the base says it stopped, until `mustYield`: an entry is never behind a
   * blob. Never rejects; true when nothing waits any more.
   */
  upload(mustYield?: () => boolean): Promise<boolean>;
}

/** The thing that names the life of the base which all of this device's blobs were offered to. */
const offeredTo = "blobs-offered-to";
const label = (recordId: string, sha256: string): string => `blob ${recordId} ${sha256}`;
const pathOf = (recordId: string, sha256: string): string => `/blobs/v1/${recordId}/${sha256}`;

const offsetIn = (response: Response): number | undefined => {
  const value = response.headers.get("upload-offset");
  return value !== null && /^\d+$/.test(value) ? Number(value) : undefined;
};

/** Bytes that the base has of this blob. */
const askOffset = async (endpoint: Endpoint, path: string): Promise<number> => {
  const response = await call(endpoint, path, { method: "HEAD" }, [404]);
  return response.status === 404 ? 0 : (offsetIn(response) ?? 0);
};

const sendChunk = async (
  endpoint: Endpoint,
  path: string,
  row: BlobRow,
  bytes: Uint8Array<ArrayBuffer>,
  offset: number,
): Promise<number> => {
  const chunk = bytes.subarray(offset, offset + limits.blobChunkBytes);
  const response = await call(
    endpoint,
    path,
    {
      method: "PATCH",
      headers: {
        "content-type": "application/octet-stream",
        "upload-offset": String(offset),
        "upload-length": String(bytes.length),
        "upload-type": row.mime,
      },
      body: chunk,
    },
    [409],
  );
  const told = offsetIn(response);
  if (response.status === 409) return told ?? askOffset(endpoint, path);
  return told ?? offset + chunk.length;
};

/** The most requests one blob may take: every chunk twice. A base that keeps moving the offset back is left for later. */
const stepsMax = (bytes: number): number => 2 * Math.ceil(bytes / limits.blobChunkBytes) + 2;

/** True once the base has it whole; false if it had to yield. */
const uploadBlob = async (
  endpoint: Endpoint,
  row: BlobRow,
  bytes: Uint8Array<ArrayBuffer>,
  mustYield: () => boolean,
): Promise<boolean> => {
  const path = pathOf(row.recordId, row.sha256);
  let offset = await askOffset(endpoint, path);
  for (let step = 0; offset < bytes.length; step++) {
    if (mustYield()) return false;
    if (step > stepsMax(bytes.length)) throw new TransportFailure("rejected", "The base does not take this blob.");
    offset = await sendChunk(endpoint, path, row, bytes, offset);
  }
  return true;
};

export const createBlobs = (database: Database, dataKey: CryptoKey, endpoint: Endpoint): BlobLane => {
  const store = async (
    recordId: string,
    sha256: string,
    bytes: Uint8Array<ArrayBuffer>,
    mime: string,
    waiting: 0 | 1,
  ) => {
    const content = await sealBytes(dataKey, label(recordId, sha256), bytes);
    await database.write(["blobs"], async (rows) => {
      const held = await rows.blobs.get([recordId, sha256]);
      if (held === undefined)
        await rows.blobs.add({ recordId, sha256, mime, bytes: bytes.length, waiting, content, own: waiting });
    });
  };
  const unseal = (row: BlobRow) => unsealBytes(dataKey, label(row.recordId, row.sha256), row.content);
  const held = async (recordId: string, sha256: string): Promise<Uint8Array | undefined> => {
    const row = await database.run((rows) => rows.blobs.get([recordId, sha256]));
    return row && unseal(row).catch(() => undefined);
  };

  const uploadRow = async (row: BlobRow, mustYield: () => boolean): Promise<boolean> => {
    const whole = await uploadBlob(endpoint, row, await unseal(row), mustYield);
    if (whole) await database.write(["blobs"], (rows) => rows.blobs.update([row.recordId, row.sha256], { waiting: 0 }));
    return whole;
  };

  /** A base in a new life may have lost what it said it had: all that this device made is offered again (SPEC.md, S12). */
  const offerAnew = async (): Promise<void> => {
    const life = (await database.get<ServerState>("server"))?.incarnation;
    if (life === undefined || life === (await database.get<string>(offeredTo))) return;
    await database.write(["blobs", "things"], async (rows) => {
      await rows.blobs.filter(({ own }) => own === 1).modify({ waiting: 1 });
      await rows.things.put({ name: offeredTo, value: life });
    });
  };

  return {
    async put(recordId, given, mime) {
      const bytes = new Uint8Array(given);
      if (bytes.length === 0 || bytes.length > limits.blobBytesMax) {
        throw new RangeError(`A file has between 1 and ${limits.blobBytesMax} bytes.`);
      }
      const sha256 = await sha256Hex(bytes);
      await store(recordId, sha256, bytes, mime, 1);
      return { sha256, bytes: bytes.length, mime };
    },

    held,

    async get(recordId, sha256) {
      // A copy that does not open any more is fetched again.
      const own = await held(recordId, sha256);
      if (own) return own;
      try {
        const response = await call(endpoint, pathOf(recordId, sha256));
        const bytes = new Uint8Array(await response.arrayBuffer());
        if ((await sha256Hex(bytes)) !== sha256) return undefined;
        // A full device still shows what it fetched; it only has to fetch it again.
        await store(recordId, sha256, bytes, response.headers.get("content-type") ?? "", 0).catch(() => {});
        return bytes;
      } catch {
        return undefined;
      }
    },

    waiting: () => database.run((rows) => rows.blobs.where({ waiting: 1 }).count()),

    async upload(mustYield = () => false) {
      await offerAnew().catch(() => {});
      const keys = await database.run((rows) => rows.blobs.where({ waiting: 1 }).primaryKeys()).catch(() => []);
      let whole = true;
      for (const key of keys) {
        try {
          const row = await database.run((rows) => rows.blobs.get(key));
          if (row !== undefined && !(await uploadRow(row, mustYield))) return false;
        } catch (error) {
          whole = false;
          // One blob that the base rejects delays no other; a base that is away delays them all.
          if (error instanceof TransportFailure && error.code !== "rejected") return false;
        }
      }
      return whole;
    },
  };
};
