import type { KeyObject } from "node:crypto";
import pg from "pg";
import { type LogName, logNames } from "#defence/log/line.ts";
import { rootOf } from "#defence/log/tree.ts";
import type { Entry } from "#domain/entry/entry.ts";
import { readMark, writeMark } from "../archive/archive-mark.ts";
import { sha256 } from "../archive/hashing.ts";
import type { Letterbox } from "../archive/letterbox.ts";
import { rebuild } from "../projection/rebuild.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { countBlobs, missingOf, type RestoredBlobs, restoreBlobs } from "./blobs.ts";
import { replayLines } from "./replay.ts";
import { type ArchiveCursor, archiveStart, BrokenArchive, type SegmentFault, segmentsAfter } from "./segments.ts";

export interface RestoreParts {
  /** The owner's, of the trust's migrated database: empty, or one whose restore was interrupted. */
  url: string;
  keyRing: KeyRing;
  trust: string;
  letterbox: Pick<Letterbox, "after" | "read" | "openings" | "blobs" | "readBlob">;
  logKeys: readonly KeyObject[];
  /** Whose signatures open later epochs; needed where there are some. */
  officers?: readonly KeyObject[];
  /** age identity: the standby's, or the officers' recovery identity. */
  identity: string;
  /** Lines received, and blobs begun, after this instant are left out; undefined for all. */
  toTime?: Date;
  onProgress?(log: LogName, position: number): void;
}

/** What a restore shows for each log. */
export interface RestoredLog {
  log: LogName;
  lines: number;
  epoch: number;
  /** Of the log's tree over those lines, hexadecimal. */
  root: string;
  /** When the last of them was received; null where there is none. */
  lastReceived: string | null;
  /** Lines that the archive holds after the instant asked for. */
  leftOut: number;
  /** Where the archive was not good any more. Nothing from there on was taken. */
  broken?: { fault: SegmentFault; segment: string; words: string };
}
export interface Restored {
  logs: RestoredLog[];
  records: number;
  /** Records whose rows could not be projected; their entries are there. */
  failed: number;
  /** Lines of the care log by kind of entry, and by the day they were received. */
  byKind: Record<string, number>;
  byDay: Record<string, number>;
  blobs: RestoredBlobs;
}

/**
 * Makes a trust's database again from the archive: every line checked and put in its place, then the projections and the blobs. Interrupted at
 * any byte, it goes on when it is called again. Ends with a new incarnation, so that devices offer what they hold.
 */
export const restore = async (parts: RestoreParts): Promise<Restored> => {
  const client = new pg.Client({ connectionString: parts.url, application_name: "holdfast restore" });
  await client.connect();
  try {
    const logs: RestoredLog[] = [];
    // The control log first: it says whose devices signed what the others hold.
    for (const log of ["control", "care", "access"] as const satisfies readonly LogName[])
      logs.push(await restoreLog(client, log, parts));
    const epoch = Math.max(1, ...logs.map((each) => each.epoch));
    await client.query("UPDATE life SET incarnation = gen_random_uuid(), epoch = $1", [epoch]);
    await client.query("UPDATE log_head SET epoch = $1", [epoch]);
    const { records, failed } = await rebuild(parts.url, parts.keyRing, () => {});
    const { leftOut, altered } = await restoreBlobs(client, parts);
    logs.sort((a, b) => logNames.indexOf(a.log) - logNames.indexOf(b.log));
    const { missing, ...counts } = await countLines(client, parts.keyRing);
    const blobs = { restored: await countBlobs(client), leftOut, altered, missing };
    return { logs, records, failed, ...counts, blobs };
  } finally {
    await client.end();
  }
};

const restoreLog = async (client: pg.Client, log: LogName, parts: RestoreParts): Promise<RestoredLog> => {
  const { keyRing, letterbox, trust, logKeys, officers = [], identity, toTime } = parts;
  const mark = await readMark(client, log);
  const from: ArchiveCursor = mark ? { frontier: mark.frontier, hash: mark.segmentHash } : archiveStart;
  let cursor = from;
  let epoch = mark?.epoch ?? 1;
  let leftOut = 0;
  let broken: RestoredLog["broken"];
  try {
    for await (const opened of segmentsAfter({ letterbox, trust, log, from, logKeys, officers, identity })) {
      const { lines, segment } = opened;
      const kept =
        toTime === undefined ? lines : lines.filter(({ received }) => Date.parse(received) <= toTime.getTime());
      leftOut += lines.length - kept.length;
      if (kept.length < lines.length && kept.length === 0) continue;
      epoch = segment.header.epoch;
      cursor = opened.cursor;
      await inTransaction(client, async () => {
        await replayLines(client, keyRing, log, kept);
        // Half a segment is no place to go on from: after a restore to an instant a new epoch begins.
        if (kept.length === lines.length)
          await writeMark(client, log, { epoch, segmentHash: cursor.hash, frontier: cursor.frontier });
      });
      parts.onProgress?.(log, kept.at(-1)!.position);
    }
  } catch (error) {
    if (!(error instanceof BrokenArchive)) throw error;
    broken = { fault: error.fault, segment: error.segment, words: error.message };
  }
  const { rows } = await client.query<{ lines: string; last: Date | null }>(
    `SELECT count(*) AS lines, max(received) AS last FROM ${log}_line`,
  );
  return {
    log,
    lines: Number(rows[0]!.lines),
    epoch,
    root: Buffer.from(rootOf(sha256, cursor.frontier)).toString("hex"),
    lastReceived: rows[0]!.last?.toISOString() ?? null,
    leftOut,
    ...(broken && { broken }),
  };
};

const inTransaction = async (client: pg.Client, work: () => Promise<void>): Promise<void> => {
  await client.query("BEGIN");
  try {
    await work();
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  }
};

const countPage = 5_000;

const countLines = async (
  client: pg.Client,
  keyRing: KeyRing,
): Promise<Pick<Restored, "byKind" | "byDay"> & Pick<RestoredBlobs, "missing">> => {
  const missing: RestoredBlobs["missing"] = [];
  const byKind: Record<string, number> = {};
  const byDay: Record<string, number> = {};
  const count = (counts: Record<string, number>, key: string) => {
    counts[key] = (counts[key] ?? 0) + 1;
  };
  for (let after = 0; ; ) {
    const { rows } = await client.query<{
      position: string;
      received: Date;
      record_id: string;
      hash: Buffer;
      quarantine: string | null;
      sealed: Buffer;
      wrapped: Buffer | null;
      disposed: boolean;
    }>(
      `SELECT position, received, record_id, hash, quarantine, sealed, wrapped, position <= coalesce(through_position, 0) AS disposed
       FROM care_line LEFT JOIN record_key USING (record_id) LEFT JOIN disposed_record USING (record_id)
       WHERE position > $1 ORDER BY position LIMIT $2`,
      [after, countPage],
    );
    const refs: RestoredBlobs["missing"] = [];
    for (const { received, record_id, hash, quarantine, sealed, wrapped, disposed } of rows) {
      count(byDay, received.toISOString().slice(0, 10));
      if (quarantine !== null) count(byKind, "quarantined");
      else if (disposed || wrapped === null) count(byKind, "disposed of");
      else {
        const text = keyRing.recordKey(record_id, wrapped).open(sealed, hash).toString();
        const { kind, blobs = [] } = JSON.parse(text) as Pick<Entry, "kind" | "blobs">;
        count(byKind, kind);
        refs.push(...blobs.map(({ sha256 }) => ({ recordId: record_id, sha256 })));
      }
    }
    missing.push(...(await missingOf(client, refs)));
    after = Number(rows.at(-1)?.position ?? after);
    if (rows.length < countPage) return { byKind, byDay, missing };
  }
};
