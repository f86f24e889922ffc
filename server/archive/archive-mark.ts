import type pg from "pg";
import type { LogName } from "#defence/log/line.ts";
import type { Frontier } from "#defence/log/tree.ts";

/** How far a log is in the archive, and what its next segment goes on from. */
export interface ArchiveMark {
  epoch: number;
  /** SHA-256 of the last segment's file, hexadecimal; empty before the first. */
  segmentHash: string;
  /** Its size is the position of the last line. */
  frontier: Frontier;
}

const nodeBytes = 32;

export const readMark = async (pool: Pick<pg.Pool, "query">, log: LogName): Promise<ArchiveMark | undefined> => {
  const { rows } = await pool.query<{ epoch: number; position: string; segment_hash: Buffer; frontier: Buffer }>(
    "SELECT epoch, position, segment_hash, frontier FROM archive_mark WHERE log = $1",
    [log],
  );
  const row = rows[0];
  if (row === undefined) return undefined;
  const roots = Array.from({ length: row.frontier.length / nodeBytes }, (_, i) =>
    row.frontier.subarray(i * nodeBytes, (i + 1) * nodeBytes),
  );
  return {
    epoch: row.epoch,
    segmentHash: row.segment_hash.toString("hex"),
    frontier: { size: Number(row.position), roots },
  };
};

export const writeMark = async (
  pool: Pick<pg.Pool, "query">,
  log: LogName,
  { epoch, segmentHash, frontier }: ArchiveMark,
): Promise<void> => {
  await pool.query({
    name: "archive-mark",
    text: `INSERT INTO archive_mark (log, epoch, position, segment_hash, frontier, sealed_at) VALUES ($1, $2, $3, $4, $5, now())
      ON CONFLICT (log) DO UPDATE SET epoch = excluded.epoch, position = excluded.position,
        segment_hash = excluded.segment_hash, frontier = excluded.frontier, sealed_at = excluded.sealed_at`,
    values: [log, epoch, frontier.size, Buffer.from(segmentHash, "hex"), Buffer.concat(frontier.roots)],
  });
};
