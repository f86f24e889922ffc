import type { BlobRef } from "#domain/entry/entry.ts";

/** Blobs of one device: ECG files, photos. Sealed at rest, told apart by the SHA-256 of their plain bytes, kept per record. */
export interface Blobs {
  /**
   * Keeps the bytes durably and queues them for upload in a lane of their own, behind every entry. Put the returned
   * reference into the entry's `blobs`. Rejects with a StoreFailure; 20 MB at most (RangeError).
   */
  put(recordId: string, bytes: Uint8Array, mime: string): Promise<BlobRef>;
  /** This device's copy, else the base's, checked against the hash and kept; undefined when neither can give it now. */
  get(recordId: string, sha256: string): Promise<Uint8Array | undefined>;
}
