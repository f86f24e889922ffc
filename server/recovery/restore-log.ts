import type pg from "pg";
import type { LogName } from "#defence/log/line.ts";
import { extended, rootOf } from "#defence/log/tree.ts";
import { type ArchiveMark, readMark, writeMark } from "../archive/archive-mark.ts";
import { leavesIn, sha256 } from "../archive/hashing.ts";
import { headOf, readLeaves } from "../archive/log-lines.ts";
import { SetupProblem } from "../config.ts";
import { type LeftOutChange, leftOutOf } from "../epochs/left-out.ts";
import { readAhead } from "../projection/read-ahead.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { loadCareKeys } from "./care-keys.ts";
import type { KeptLines } from "./kept-lines.ts";
import { moveHead, replayCare, replayLines } from "./replay.ts";
import type { RestoreParts } from "./restore.ts";
import {
  type ArchiveCursor,
  adoptedLines,
  archiveStart,
  BrokenArchive,
  type OpenedSegment,
  recordIdsOf,
  type SegmentFault,
  segmentsAfter,
} from "./segments.ts";
import type { Threads } from "./threads.ts";

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

export interface RestoreLogParts extends RestoreParts {
  threads: Threads;
  /** Gets the lines of care. */
  kept: KeptLines;
  /** Gets what the control log's lines that are left out would have changed. */
  leftOutChanges: LeftOutChange[];
}

/**
 * Puts the lines of a log in their places, from where it was interrupted; a segment, or the part of it that is asked for, at a time. The
 * next segments are opened, and those after this one sealed, while it is stored.
 */
export const restoreLog = async (client: pg.Client, log: LogName, parts: RestoreLogParts): Promise<RestoredLog> => {
  const { keyRing, threads, kept } = parts;
  const mark = await readMark(client, log);
  const from: ArchiveCursor = mark ? { frontier: mark.frontier, hash: mark.segmentHash } : archiveStart;
  // Of a segment of which only the first lines were asked for, they may be there already.
  const held = await headOf(client, log);
  const heldLeaves = await readLeaves(client, log, from.frontier.size, held);

  let cursor = from;
  let epoch = mark?.epoch ?? 1;
  let leftOut = 0;
  let broken: RestoredLog["broken"];

  /** What is asked for of each segment, in order. */
  async function* wantedParts(): AsyncGenerator<WantedPart> {
    const opening = { open: threads.open, ahead: threads.count };
    for await (const segment of segmentsAfter({ ...parts, log, from, opening })) {
      const until = leftOut > 0 ? 0 : countUntil(segment, parts.toTime);
      leftOut += segment.count - until;
      if (log === "control") parts.leftOutChanges.push(...leftOutOf([...adoptedLines(segment, until)]));
      if (until === 0) continue;
      const before = cursor.frontier;
      const there = Math.min(until, Math.max(0, held - before.size));
      const heldHere = heldLeaves.slice(before.size - from.frontier.size);
      for (const [i, leaf] of [...leavesIn(segment.leaves, 0, there)].entries())
        if (!leaf.equals(heldHere[i]!)) throw otherLines(log);
      const isWhole = until === segment.count;
      cursor = isWhole
        ? segment.cursor
        : { ...cursor, frontier: extended(sha256, before, leavesIn(segment.leaves, 0, until)) };
      epoch = segment.segment.header.epoch;
      const now = { epoch, segmentHash: cursor.hash, frontier: cursor.frontier };
      yield { segment, from: there, until, now, isWhole };
    }
  }
  const prepare = log === "care" ? await prepareCare(client, parts) : prepareLines(client, log, keyRing);
  const prepared = async (part: WantedPart) => ({ ...part, replay: await prepare(part) });
  try {
    for await (const part of readAhead(wantedParts(), prepared, threads.count)) {
      const { segment, now, isWhole } = part;
      // Whoever goes on from a mark does not see all lines of a record.
      if (log === "care" && mark === undefined) kept[isWhole && segment.isWhole ? "add" : "skip"](segment);
      await inTransaction(client, async () => {
        if (part.from < part.until) {
          await part.replay();
          await moveHead(client, log, now.frontier.size, now.epoch);
        }
        // The archive does not go on from the midst of a segment.
        if (isWhole) await writeMark(client, log, now);
      });
      parts.onProgress?.(log, now.frontier.size);
    }
  } catch (error) {
    if (!(error instanceof BrokenArchive)) throw error;
    broken = { fault: error.fault, segment: error.segment, words: error.message };
  }
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

/** The lines of a segment that are asked for and not there, from one on until before another. */
interface WantedPart {
  segment: OpenedSegment;
  from: number;
  until: number;
  /** After them. */
  now: ArchiveMark;
  /** Nothing of the segment comes after them. */
  isWhole: boolean;
}

/** Does what needs no database, and resolves to the rest: to put the lines in their places. */
type Prepare = (part: WantedPart) => Promise<() => Promise<void>>;

const prepareCare = async (client: pg.Client, { keyRing, threads }: RestoreLogParts): Promise<Prepare> => {
  const keys = await loadCareKeys(client, keyRing, null);
  return async ({ segment, from, until }) => {
    const { ended } = keys;
    const { opened } = segment;
    const packed = await threads.pack({ opened, from, until, keys: keys.of(recordIdsOf(segment)), ended });
    return () => replayCare(client, packed, keys.used(packed.sealedFor));
  };
};

const prepareLines =
  (client: pg.Client, log: Exclude<LogName, "care">, keyRing: KeyRing): Prepare =>
  async ({ segment, from, until }) =>
  () =>
    replayLines(client, keyRing, log, [...adoptedLines(segment, from, until)]);

/** How many lines there are before the first that was received after the instant: a clock that went back makes no gap. */
const countUntil = (segment: OpenedSegment, toTime: Date | undefined): number => {
  if (toTime === undefined) return segment.count;
  let count = 0;
  for (const { received } of adoptedLines(segment)) {
    if (Date.parse(received) > toTime.getTime()) break;
    count += 1;
  }
  return count;
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
