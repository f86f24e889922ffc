import type { KeyObject } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { type LogName, logNames } from "#defence/log/line.ts";
import { extended, type Frontier } from "#defence/log/tree.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { type ArchiveFault, type ArchiveLane, ArchiveStopped } from "./archive-fault.ts";
import { type ArchiveMark, readMark, writeMark } from "./archive-mark.ts";
import { offerAllAgain, sealBlobs } from "./blob-archiver.ts";
import { leafBytes, leafOf, leavesIn, rootHex, sha256 } from "./hashing.ts";
import { type ArchiveEnd, EpochClosed, type Letterbox, NotNext } from "./letterbox.ts";
import { epochNow, frontierAt, headOf, readLines } from "./log-lines.ts";
import type { RecentLines } from "./recent-lines.ts";
import { sealSegment, type WrittenLines, writeOut } from "./segment.ts";

export interface ArchiverParts {
  trust: string;
  /** Connections of holdfast_archive. */
  pool: pg.Pool;
  keyRing: KeyRing;
  letterbox: Pick<Letterbox, "take" | "end" | "takeBlob">;
  /** Ed25519; signs each segment. */
  logKey: KeyObject;
  /** age public keys. None of theirs is held by whoever seals. */
  recipients: readonly string[];
  /** What this process has just stored itself; the rest is read and opened. */
  recentLines?: RecentLines | undefined;
  /** After each of the letterbox's receipts, and where the archive ends at a start: heads go out no sooner. */
  onTaken?(log: LogName, taken: Taken): void;
  /** After each segment: how long its oldest line had waited, s. */
  onSealed?(log: LogName, lagSeconds: number): void;
  /** Whole blobs that are not in the archive yet, whenever that is counted. */
  onBlobsWaiting?(blobs: number): void;
  onFault?(lane: ArchiveLane, fault: ArchiveFault, error: unknown): void;
  /** For tests, which wait for nothing. */
  waits?: Partial<Waits>;
}

/** How long it waits, ms. */
interface Waits {
  /** Between two looks for something new. */
  turnMs: number;
  /** After a fault somebody has to act; meanwhile it is tried again this seldom. */
  afterFaultMs: number;
  /** Longest that a stop waits for what is under way, and for the last segments. */
  lastMsMax: number;
}
const waitsDefault: Waits = { turnMs: 1_000, afterFaultMs: 5_000, lastMsMax: 5_000 };

/** What the letterbox has of a log now, and the leaves that are new in it. */
export interface Taken {
  epoch: number;
  before: Frontier;
  leaves: Buffer;
  frontier: Frontier;
}

export interface Archiver {
  /** The database was away and is found again, perhaps with less in it: whether the archive still goes on from it is looked at again. */
  again(): void;
  /** Ends it, after what was written until now; a letterbox or a database that does not answer holds no stop up. */
  close(): Promise<void>;
}

/** A segment holds at most so many bytes of lines; what waits longer than a turn is sealed however little it is. */
const segmentBytes = 4_000_000;
/**
 * Where lines are read, more may wait behind so many. After what is no part of more a turn is waited for: a segment costs as much beside
 * its lines as a thousand of them.
 */
const partBytes = segmentBytes / 2;

/** Seals lines and hands them over, one log after the other, until it is closed. */
export const startArchiver = (parts: ArchiverParts): Archiver => {
  const closing = new AbortController();
  const { turnMs, afterFaultMs, lastMsMax } = { ...waitsDefault, ...parts.waits };
  const logs = logNames.map((log) => archiveLog(log, parts));
  /** `seal` resolves to whether to go on at once. */
  const run = async (lane: ArchiveLane, seal: () => Promise<boolean>): Promise<void> => {
    while (!closing.signal.aborted) {
      let waitMs = turnMs;
      try {
        while (!closing.signal.aborted && (await seal()));
      } catch (error) {
        waitMs = afterFaultMs;
        // Whatever the letterbox does has a name already.
        parts.onFault?.(lane, error instanceof ArchiveStopped ? error.fault : "no-database", error);
      }
      await delay(waitMs, undefined, { signal: closing.signal }).catch(() => {});
    }
  };
  const running = Promise.all([
    ...logs.map(({ log, seal }) => run(log, async () => (await seal()) === "part")),
    run("blobs", async () => {
      await sealBlobs(parts, closing.signal);
      return false;
    }),
  ]);
  return {
    again: () => {
      for (const log of logs) log.again();
    },
    close: async () => {
      closing.abort();
      // With what was written since the last turn.
      const last = running.then(() => sealThem(logs)).catch(() => {});
      await Promise.race([last, delay(lastMsMax, undefined, { ref: false })]);
    },
  };
};

/** Seals what there is of every log and all blobs, once; resolves to how many segments that made. Rejects with ArchiveStopped. */
export const sealEverything = async (parts: ArchiverParts): Promise<number> => {
  const segments = await sealThem(logNames.map((log) => archiveLog(log, parts)));
  await sealBlobs(parts);
  return segments;
};

const sealThem = async (logs: readonly LogArchive[]): Promise<number> => {
  let segments = 0;
  for (const { seal } of logs) while ((await seal()) !== "nothing") segments += 1;
  return segments;
};

/** All that waited, a part of it, or there was nothing. */
type Sealed = "all" | "part" | "nothing";
interface LogArchive {
  log: LogName;
  /** Seals one segment. Never two at once. */
  seal(): Promise<Sealed>;
  /** The database may be another than it was: where the archive goes on is found anew. */
  again(): void;
}

const archiveLog = (log: LogName, parts: ArchiverParts): LogArchive => {
  const { trust, pool, keyRing, letterbox } = parts;
  let mark: ArchiveMark | undefined;
  let sealing: Promise<Sealed> = Promise.resolve("nothing");
  let isStale = false;

  const linesAfter = async (after: number): Promise<WrittenLines | undefined> => {
    const recent = log === "care" ? parts.recentLines?.take(after) : undefined;
    if (recent !== undefined) return recent;
    const lines = await readLines(pool, keyRing, log, after, segmentBytes);
    const [first, last] = [lines[0], lines.at(-1)];
    if (first === undefined || last === undefined) return undefined;
    const opened = writeOut(lines);
    return {
      epoch: first.epoch,
      first: first.position,
      last: last.position,
      received: first.received,
      leaves: Buffer.concat(
        lines.map((line) => leafOf(log, line)),
        lines.length * leafBytes,
      ),
      opened,
      isPart: opened.length >= partBytes,
    };
  };

  /** Goes on from where the archive ends, if that is how this log began. */
  const resume = async (end: ArchiveEnd): Promise<ArchiveMark> => {
    if (end.last > (await headOf(pool, log))) throw new ArchiveStopped("behind-archive");
    const frontier = await frontierAt(pool, log, end.last);
    const isSame = end.last === 0 || rootHex(frontier) === end.root;
    if (!isSame) throw new ArchiveStopped("differs");
    return { epoch: end.epoch, segmentHash: end.hash, frontier };
  };
  const begin = async (): Promise<ArchiveMark> => {
    const end = await letterbox.end(trust, log).catch((error) => {
      throw new ArchiveStopped("unreachable", { cause: error });
    });
    // Before anything is compared: lines that are of no epoch any more may well differ.
    if (end.epoch > (await epochNow(pool, log))) throw new ArchiveStopped("epoch-closed");
    const held = await readMark(pool, log);
    // A letterbox that lost lines lost blobs as well.
    if (log === "care" && held !== undefined && end.last < held.frontier.size) await offerAllAgain(pool);
    const isThere = held?.frontier.size === end.last && held.segmentHash === end.hash;
    return isThere ? held : resume(end);
  };

  const sealOne = async (): Promise<Sealed> => {
    if (isStale) mark = undefined;
    isStale = false;
    if (mark === undefined) {
      mark = await begin();
      const { epoch, frontier } = mark;
      parts.onTaken?.(log, { epoch, before: frontier, leaves: Buffer.alloc(0), frontier });
    }
    const written = await linesAfter(mark.frontier.size);
    if (written === undefined) return "nothing";
    const { epoch, first, last, received, leaves, opened, isPart } = written;
    const before = mark.frontier;
    const frontier = extended(sha256, before, leavesIn(leaves));
    const sealedAt = new Date();
    const previous = mark.segmentHash;
    const { file, hash } = await sealSegment(
      {
        trust,
        log,
        epoch,
        first,
        last,
        previous,
        root: rootHex(frontier),
        sealedAt: sealedAt.toISOString(),
      },
      opened,
      parts.recipients,
      parts.logKey,
    );
    try {
      await letterbox.take(trust, log, file);
    } catch (error) {
      mark = undefined;
      // The answer to the one before was lost, or the letterbox is another: it says where it ends.
      if (error instanceof NotNext && error.end.hash !== previous) {
        mark = await resume(error.end);
        return "part";
      }
      throw new ArchiveStopped(error instanceof EpochClosed ? "epoch-closed" : "refused", { cause: error });
    }
    mark = { epoch, segmentHash: hash, frontier };
    parts.onTaken?.(log, { epoch, before, leaves, frontier });
    await writeMark(pool, log, mark);
    parts.onSealed?.(log, (sealedAt.getTime() - Date.parse(received)) / 1_000);
    return isPart ? "part" : "all";
  };

  return {
    log,
    again: () => {
      isStale = true;
    },
    seal: () => {
      sealing = sealing.then(sealOne, sealOne);
      return sealing;
    },
  };
};
