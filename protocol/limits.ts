/** What one message may hold. At a limit the server answers 413 or 429/503 with Retry-After; it never evicts. */
export const limits = {
  pushEntriesMax: 200,
  pushBytesMax: 256_000,
  /** Body of any request but a blob chunk, bytes. JSON escaping can double the bytes of the entries. */
  requestBytesMax: 600_000,
  pullRecordsMax: 200,
  pullLinesMax: 500,
  pullBytesMax: 1_000_000,
  headsMax: 5_000,
  accessesMax: 200,
  /** Records that one look-up may answer with: enough to choose from, too few to collect. */
  foundMax: 6,
  /** With their signatures they fill about two thirds of a request. */
  heartbeatHeadsMax: 1_000,
  blobChunkBytes: 65_536,
  blobBytesMax: 20_000_000,
  jsonDepthMax: 12,
} as const;
