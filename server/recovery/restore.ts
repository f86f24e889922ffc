import type { KeyObject } from "node:crypto";
import pg from "pg";
import { type LogName, logNames } from "#defence/log/line.ts";
import { extended, rootOf } from "#defence/log/tree.ts";
import { type ArchiveMark, readMark, writeMark } from "../archive/archive-mark.ts";
import { leafOf, sha256 } from "../archive/hashing.ts";
import type { Letterbox } from "../archive/letterbox.ts";
import { headOf, readLeaves } from "../archive/log-lines.ts";
import type { ArchivedLine } from "../archive/segment.ts";
import { SetupProblem } from "../config.ts";
import { type LeftOutChange, leftOutOf } from "../epochs/left-out.ts";
import { rebuild } from "../projection/rebuild.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { countBlobs, type RestoredBlobs, restoreBlobs } from "./blobs.ts";
import { countEntries, type EntryCounts } from "./count-entries.ts";
import { type KeptLines, keepLines } from "./kept-lines.ts";
import { readKept } from "./read-kept.ts";
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
  /** A log's lines from the first that was received after this instant on, and blobs begun after it, are left out; undefined: nothing is. */
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
export interface Restored extends Pick<EntryCounts, "byKind" | "byDay"> {
  logs: RestoredLog[];
  records: number;
  /** Of the control log's lines that were left out, what they would have changed. */
  leftOutChanges: LeftOutChange[];
  /** Records whose rows could not be projected; their entries are there. */
  failed: number;
  blobs: RestoredBlobs;
}

/**
 * Makes a trust's database again from the archive: every line checked and put in its place, then the blobs and the projections. Interrupted at
 * any byte, it goes on when it is called again. Ends with a new incarnation, so that devices offer what they hold. Rejects with SetupProblem
 * where the database holds anything else.
 */
export const restore = async (parts: RestoreParts): Promise<Restored> => {
  const client = new pg.Client({ connectionString: parts.url, application_name: "holdfast restore" });
  // One that breaks while the archive is read is told of by the next statement.
  client.on("error", () => {});
  await client.connect();
  try {
    await refuseServed(client);
    const logs: RestoredLog[] = [];
    const kept = keepLines();
    const leftOutChanges: LeftOutChange[] = [];
    // The control log first: it says whose devices signed what the others hold.
    for (const log of ["control", "care", "access"] as const satisfies readonly LogName[])
      logs.push(await restoreLog(client, log, parts, kept, leftOutChanges));
    const epoch = Math.max(1, ...logs.map((each) => each.epoch));
    await client.query("UPDATE life SET incarnation = gen_random_uuid(), epoch = $1", [epoch]);
    await client.query("UPDATE log_head SET epoch = $1", [epoch]);
    const { leftOut, altered } = await restoreBlobs(client, parts);
    const counting = countEntries(client);
    const { records, failed } = await rebuild(parts.url, parts.keyRing, () => {}, counting.add, readKept(kept));
    const { missing, ...counts } = await counting.end();
    logs.sort((a, b) => logNames.indexOf(a.log) - logNames.indexOf(b.log));
    const blobs = { restored: await countBlobs(client), leftOut, altered, missing };
    return { logs, records, leftOutChanges, failed, ...counts, blobs };
  } finally {
    await client.end();
  }
};

/** A server beside it writes lines of its own, into the places that are the archive's. */
const refuseServed = async (client: pg.Client): Promise<void> => {
  const { rows } = await client.query<{ sessions: number }>(
    `SELECT count(*)::int AS sessions FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
       AND application_name LIKE 'holdfast %' AND application_name <> 'holdfast restore'`,
  );
  if (rows[0]!.sessions > 0)
    throw new SetupProblem(
      "served",
      "A server has this trust's database open.",
      "stop it. If it served the trust before its restore, begin again with an empty HOLDFAST_DATA.",
    );
};

const restoreLog = async (
  client: pg.Client,
  log: LogName,
  parts: RestoreParts,
  kept: KeptLines,
  leftOutChanges: LeftOutChange[],
): Promise<RestoredLog> => {
  const { keyRing } = parts;
  const mark = await readMark(client, log);
  const from: ArchiveCursor = mark ? { frontier: mark.frontier, hash: mark.segmentHash } : archiveStart;
  // Of a segment of which only the first lines were asked for, they may be there already.
  const held = await headOf(client, log);
  const heldLeaves = await readLeaves(client, log, from.frontier.size, held);
  const isHeld = (line: ArchivedLine): boolean => line.position <= held;
  const isOther = (line: ArchivedLine): boolean =>
    isHeld(line) && !leafOf(log, line).equals(heldLeaves[line.position - from.frontier.size - 1]!);

  let cursor = from;
  let epoch = mark?.epoch ?? 1;
  let leftOut = 0;
  let broken: RestoredLog["broken"];
  // The next segment is opened while this one is stored.
  let storing: Promise<void> = Promise.resolve();
  try {
    for await (const { lines, bytes, segment, cursor: whole } of segmentsAfter({ ...parts, log, from })) {
      await storing;
      const wanted = leftOut > 0 ? [] : linesUntil(lines, parts.toTime);
      leftOut += lines.length - wanted.length;
      if (log === "control") leftOutChanges.push(...leftOutOf(lines.slice(wanted.length)));
      if (wanted.length === 0) continue;
      if (wanted.some(isOther)) throw otherLines(log);
      const isWhole = wanted.length === lines.length;
      const leaves = () => wanted.map((line) => leafOf(log, line));
      cursor = isWhole ? whole : { ...cursor, frontier: extended(sha256, cursor.frontier, leaves()) };
      epoch = segment.header.epoch;
      // Whoever goes on from a mark does not see all lines of a record.
      if (log === "care" && mark === undefined) kept.add(wanted, bytes);
      const now: ArchiveMark = { epoch, segmentHash: cursor.hash, frontier: cursor.frontier };
      storing = inTransaction(client, async () => {
        const lacking = wanted.filter((line) => !isHeld(line));
        await replayLines(client, keyRing, log, lacking);
        // The archive does not go on from the midst of a segment.
        if (isWhole) await writeMark(client, log, now);
        parts.onProgress?.(log, now.frontier.size);
      });
      storing.catch(() => {});
    }
  } catch (error) {
    await storing;
    if (!(error instanceof BrokenArchive)) throw error;
    broken = { fault: error.fault, segment: error.segment, words: error.message };
  }
  await storing;
  const { size } = cursor.frontier;
  if (held > size) throw otherLines(log);
  const { rows } = await client.query<{ received: Date }>(`SELECT received FROM ${log}_line WHERE position = $1`, [
    size,
  ]);
  return {
    log,
    lines: size,
    epoch,
    root: Buffer.from(rootOf(sha256, cursor.frontier)).toString("hex"),
    lastReceived: rows[0]?.received.toISOString() ?? null,
    leftOut,
    ...(broken && { broken }),
  };
};

/** Those before the first that was received after the instant: a clock that went back makes no gap. */
const linesUntil = (lines: ArchivedLine[], toTime: Date | undefined): ArchivedLine[] => {
  if (toTime === undefined) return lines;
  const later = lines.findIndex(({ received }) => Date.parse(received) > toTime.getTime());
  return later < 0 ? lines : lines.slice(0, later);
};

const otherLines = (log: LogName): SetupProblem =>
  new SetupProblem(
    "other-lines",
    `The database holds lines of the ${log} log that are not what was asked for: of another archive, later, or its own since it was served.`,
    "begin again with an empty HOLDFAST_DATA, or an empty database, and serve the trust only after its restore.",
  );

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
