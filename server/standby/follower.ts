import type { KeyObject } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import type { LogName } from "#defence/log/line.ts";
import { readMark, writeMark } from "../archive/archive-mark.ts";
import type { Letterbox } from "../archive/letterbox.ts";
import type { ArchivedLine } from "../archive/segment.ts";
import { readControlLine } from "../logs/control-log.ts";
import { byteas, uuids } from "../postgres/binary-array.ts";
import { projectRecords } from "../projection/project-records.ts";
import { rebuild } from "../projection/rebuild.ts";
import { restoreBlobs } from "../recovery/blobs.ts";
import { replaySegment } from "../recovery/replay.ts";
import { adoptedLines, archiveStart, BrokenArchive, type OpenedSegment, segmentsAfter } from "../recovery/segments.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { notify, notifyRecords } from "./notify.ts";
import type { ReplicaDatabase } from "./replica-database.ts";

export interface FollowerParts {
  trust: string;
  database: ReplicaDatabase;
  /** The owner's. */
  url: string;
  keyRing: KeyRing;
  letterbox: Pick<Letterbox, "after" | "read" | "openings" | "end" | "blobs" | "readBlob">;
  logKeys: readonly KeyObject[];
  officers: readonly KeyObject[];
  /** age identity of the standby. */
  identity: string;
  /** A log's lines are not good after some position, or the letterbox does not answer. */
  onFault(log: LogName | "blobs", fault: string, error: unknown): void;
}

export interface Follower {
  /** When the base received the last entry that is here; null before the first. */
  asOf(): string | null;
  /** Everything that the archive holds now. Rejects where it cannot be read; stops a log at its first line that is not good. */
  catchUp(): Promise<void>;
  /** From now on, every second. */
  start(): void;
  close(): Promise<void>;
}

const turnMs = 1_000;
/** Blobs are looked for this seldom: each look lists all of them. */
const blobsMs = 15_000;
/** More lines than this are replayed first and projected afterwards, all at once. */
const bulkLines = 20_000;
/** The control log first: it says whose devices signed what the others hold, and which records have ended. */
const order = ["control", "care", "access"] as const satisfies readonly LogName[];

/**
 * Feeds a standby: reads what the archive has more, checks each signature, place, hash and root, and puts the lines where they stood.
 * At the first that is not good a log stops, and what came before is served.
 */
export const createFollower = (parts: FollowerParts): Follower => {
  const { database, keyRing, letterbox, trust } = parts;
  const closing = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let asOf: string | null = null;
  let blobsDueMs = 0;

  const readAsOf = async (): Promise<void> => {
    const { rows } = await database.query<{ last: Date | null }>("SELECT max(received) AS last FROM care_line");
    asOf = rows[0]?.last?.toISOString() ?? null;
  };

  const followLog = async (log: LogName): Promise<void> => {
    const mark = await readMark(database.pool, log);
    const from = mark ? { frontier: mark.frontier, hash: mark.segmentHash } : archiveStart;
    const behind = (await letterbox.end(trust, log)).last - from.frontier.size;
    if (behind <= 0) return;
    const isBulk = log === "care" && behind > bulkLines;
    try {
      for await (const opened of segmentsAfter({ ...parts, log, from })) {
        const lastReceived = await takeSegment(parts, log, opened, isBulk);
        if (log === "care") asOf = lastReceived ?? asOf;
        if (closing.signal.aborted) break;
      }
    } finally {
      if (isBulk) await database.alone(() => rebuild(parts.url, keyRing, () => {}));
    }
  };

  const catchUp = async (): Promise<void> => {
    if (asOf === null) await readAsOf();
    for (const log of order) {
      try {
        await followLog(log);
      } catch (error) {
        if (!(error instanceof BrokenArchive)) throw error;
        parts.onFault(log, error.fault, error);
      }
    }
  };

  const takeBlobs = async (): Promise<void> => {
    if (performance.now() < blobsDueMs) return;
    blobsDueMs = performance.now() + blobsMs;
    const client = await database.pool.connect();
    try {
      const { altered } = await restoreBlobs(client as unknown as pg.Client, parts);
      for (const { fault } of altered) parts.onFault("blobs", fault, undefined);
    } finally {
      client.release();
    }
  };

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        await catchUp();
        await takeBlobs();
      } catch (error) {
        if (!closing.signal.aborted) parts.onFault("care", "unreachable", error);
      }
      await delay(turnMs, undefined, { signal: closing.signal, ref: false }).catch(() => {});
    }
  };

  return {
    asOf: () => asOf,
    catchUp,
    start: () => {
      running = run();
    },
    close: async () => {
      closing.abort();
      await running;
    },
  };
};

/** One segment, in one transaction with what it changes of projections and of what is held; resolves to when its last line was received. */
const takeSegment = async (
  { database, keyRing }: FollowerParts,
  log: LogName,
  opened: OpenedSegment,
  isBulk: boolean,
): Promise<string | undefined> => {
  const { segment, cursor } = opened;
  const { epoch } = segment.header;
  const lines = [...adoptedLines(opened)];
  const heads = new Map(
    lines.flatMap(({ recordId, position }) => (log === "care" && recordId ? [[recordId, position]] : [])),
  );
  await database.write(
    async (client) => {
      await replaySegment(client, keyRing, log, opened);
      await writeMark(client as unknown as pg.Pool, log, {
        epoch,
        segmentHash: cursor.hash,
        frontier: cursor.frontier,
      });
      await client.query("UPDATE life SET epoch = $1 WHERE epoch < $1", [epoch]);
      if (log === "control") await notify(client, "holdfast_control", subjectsOf(lines));
      if (log !== "care") return;
      await forgetHeld(client, lines);
      if (!isBulk) {
        const { sites } = await projectRecords(client, keyRing, [...heads.keys()]);
        await notifyRecords(client, epoch, heads, sites);
      }
      await notify(client, "holdfast_archive", [`care ${cursor.frontier.size}`]);
    },
    () => heads.keys(),
  );
  return lines.at(-1)?.received;
};

/** What has its place in the log is held no more. */
const forgetHeld = async (client: pg.ClientBase, lines: readonly ArchivedLine[]): Promise<void> => {
  await client.query(
    `DELETE FROM held_line h USING unnest($1::uuid[], $2::bytea[]) AS l (record_id, hash)
     WHERE h.record_id = l.record_id AND h.hash = l.hash`,
    [uuids(lines.map(({ recordId }) => recordId!)), byteas(lines.map(({ hash }) => Buffer.from(hash, "hex")))],
  );
};

const subjectsOf = (lines: readonly ArchivedLine[]): string[] => [
  ...new Set(
    lines.flatMap(({ bytes }) => {
      const change = bytes === null ? null : readControlLine(bytes.toString());
      return change === null ? [] : [`${change.kind} ${change.id}`];
    }),
  ),
];
