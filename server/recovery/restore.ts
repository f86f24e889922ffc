import type { KeyObject } from "node:crypto";
import pg from "pg";
import { type LogName, logNames } from "#defence/log/line.ts";
import type { Letterbox } from "../archive/letterbox.ts";
import { SetupProblem } from "../config.ts";
import type { LeftOutChange } from "../epochs/left-out.ts";
import { inTurn } from "../postgres/in-turn.ts";
import { rebuild } from "../projection/rebuild.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { countBlobs, type RestoredBlobs, restoreBlobs } from "./blobs.ts";
import { countEntries, type EntryCounts } from "./count-entries.ts";
import { keepLines } from "./kept-lines.ts";
import { projectKept } from "./project-kept.ts";
import { type RestoredLog, restoreLog } from "./restore-log.ts";
import { startThreads } from "./threads.ts";

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
  /** Threads that compute; one for each processor, eight at most, unless told. */
  threadCount?: number;
  onProgress?(log: LogName, position: number): void;
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
  const threads = startThreads(parts.threadCount);
  try {
    await refuseServed(client);
    const logs: RestoredLog[] = [];
    const kept = keepLines();
    const leftOutChanges: LeftOutChange[] = [];
    // The control log first: it says whose devices signed what the others hold.
    for (const log of ["control", "care", "access"] as const satisfies readonly LogName[])
      logs.push(await restoreLog(client, log, { ...parts, threads, kept, leftOutChanges }));
    const epoch = Math.max(1, ...logs.map((each) => each.epoch));
    await client.query("UPDATE life SET incarnation = gen_random_uuid(), epoch = $1", [epoch]);
    await client.query("UPDATE log_head SET epoch = $1", [epoch]);
    const { leftOut, altered } = await restoreBlobs(client, parts);
    const counting = countEntries(inTurn(client));
    const { records, failed } = await rebuild(parts.url, parts.keyRing, () => {}, {
      project: projectKept(kept, threads.project),
      pagesAhead: threads.count,
      onPage: counting.add,
    });
    const { missing, ...counts } = await counting.end();
    logs.sort((a, b) => logNames.indexOf(a.log) - logNames.indexOf(b.log));
    const blobs = { restored: await countBlobs(client), leftOut, altered, missing };
    return { logs, records, leftOutChanges, failed, ...counts, blobs };
  } finally {
    await Promise.allSettled([threads.close(), client.end()]);
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
