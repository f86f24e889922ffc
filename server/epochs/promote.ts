import { hash, type KeyObject } from "node:crypto";
import pg from "pg";
import { type LogName, logNames } from "#defence/log/line.ts";
import type { Frontier } from "#defence/log/tree.ts";
import { readMark, writeMark } from "../archive/archive-mark.ts";
import { rootHex } from "../archive/hashing.ts";
import type { Letterbox } from "../archive/letterbox.ts";
import { logKeyText, openLogKey } from "../archive/log-key.ts";
import { frontierAt, headOf } from "../archive/log-lines.ts";
import { ownAppendSecret } from "../archive/open-archiver.ts";
import { readSegment } from "../archive/segment.ts";
import { createControlLog, StaleSubject } from "../logs/control-log.ts";
import { archiveStart } from "../recovery/segments.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { secretFile } from "../secrets.ts";
import { becomeBase } from "../standby/replica-database.ts";
import { keepLeftOut, type LeftOutChange, leftOutJournal } from "./left-out.ts";
import { BadOpening, checkOpening, newOpening, type Opening, readOpening, type SignedOpening } from "./opening.ts";
import { readLeftOut } from "./read-left-out.ts";

/** A standby, or a server that was restored, which is to be a trust's base. */
export interface PromotionParts {
  trust: string;
  /** The owner's. */
  url: string;
  dataDirectory: string;
  keyRing: KeyRing;
  letterbox: Pick<Letterbox, "after" | "read" | "end" | "openings" | "openEpoch">;
  officers: readonly KeyObject[];
  /** A standby's, to read what the archive holds after what is here; a restored server has listed that already. */
  archive?: { identity: string; logKeys: readonly KeyObject[] };
}

export interface Prepared {
  opening: SignedOpening;
  /** Lines that the archive holds after those that are adopted, by log. */
  leftOut: Record<LogName, number>;
  /** What those of the control log would change: for review, if this opening is carried out. */
  leftOutChanges: LeftOutChange[];
}

/**
 * What the officers are to sign: that this server gives places from now on, each log going on after its last line here. Changes nothing
 * in the log. Throws BadOpening where the archive does not hold what is here.
 */
export const prepareOpening = async (parts: PromotionParts): Promise<Prepared> => {
  const { trust, dataDirectory, keyRing, letterbox } = parts;
  return withPool(parts.url, async (pool) => {
    const leftOut: Prepared["leftOut"] = { care: 0, access: 0, control: 0 };
    let epoch = await epochOf(pool);
    const adopted = {} as Opening["adopted"];
    for (const log of logNames) {
      const end = await letterbox.end(trust, log);
      const at = await placeOf(parts, pool, log);
      adopted[log] = { position: at.frontier.size, root: rootHex(at.frontier), segment: at.segment };
      leftOut[log] = Math.max(0, end.last - at.frontier.size);
      epoch = Math.max(epoch, end.epoch);
    }
    const about = {
      trust,
      epoch: epoch + 1,
      logKey: logKeyText(openLogKey(dataDirectory, trust, keyRing)),
      appendHash: hash("sha256", secretFile(ownAppendSecret(dataDirectory))),
      adopted,
      made: new Date().toISOString(),
    };
    return { opening: newOpening(about), leftOut, leftOutChanges: await changesAfter(parts, pool) };
  });
};

/**
 * Makes this server the trust's base by the officers' word: the letterbox takes from it alone, and it gives places in a new epoch.
 * Interrupted, it goes on when it is called again. Throws BadOpening, having changed nothing, for an opening that too few signed, that
 * is another's, or that does not say what is here.
 */
export const promote = async (parts: PromotionParts, signed: SignedOpening): Promise<Opening> => {
  const { trust, letterbox, officers } = parts;
  const says = checkOpening(signed, officers);
  await withPool(parts.url, async (pool) => {
    const isDone = (await epochOf(pool)) === says.epoch;
    if (!isDone) {
      await checkMine(parts, pool, says);
      // Noted in the log when this server starts as the base. The archive tells them only until the epoch is open.
      const journal = leftOutJournal(parts.dataDirectory, trust);
      await keepLeftOut(parts.keyRing, journal, await changesAfter(parts, pool));
    }
    await letterbox.openEpoch(trust, signed);
    if (!isDone) await openHere(pool, says);
    await noteOpening(parts, pool, signed, says);
    await pool.query("SELECT pg_notify('holdfast_life', '')");
  });
  return says;
};

const changesAfter = async (parts: PromotionParts, pool: pg.Pool): Promise<LeftOutChange[]> => {
  if (parts.archive === undefined) return [];
  // The last line here may stand in the midst of a segment.
  const mark = await readMark(pool, "control");
  const from = mark ? { frontier: mark.frontier, hash: mark.segmentHash } : archiveStart;
  const last = await headOf(pool, "control");
  const changes = await readLeftOut({ ...parts, ...parts.archive, from });
  return changes.filter(({ position }) => position > last);
};

const checkMine = async (parts: PromotionParts, pool: pg.Pool, says: Opening): Promise<void> => {
  const { opening } = await prepareOpening(parts);
  const mine = readOpening(opening);
  const isMine = says.trust === mine.trust && says.logKey === mine.logKey && says.appendHash === mine.appendHash;
  if (!isMine) throw new BadOpening("The officers signed for another server than this.");
  if (says.epoch < mine.epoch) throw new BadOpening(`Epoch ${mine.epoch - 1} is open already.`);
  for (const log of logNames) {
    const { frontier } = await placeOf(parts, pool, log);
    const { position, root } = says.adopted[log];
    // A standby goes on reading while the officers sign: what came since would be lost.
    if (frontier.size !== position || rootHex(frontier) !== root)
      throw new BadOpening(
        `The officers signed for ${position} lines of ${log}, and there are ${frontier.size} now: the base was still writing. Prepare it again.`,
      );
  }
};

/** The epoch begins in this database: in one transaction, so that no line is ever of two epochs. */
const openHere = async (pool: pg.Pool, { epoch, adopted }: Opening): Promise<void> => {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("SELECT FROM log_head ORDER BY log FOR UPDATE");
    await client.query("UPDATE life SET epoch = $1, incarnation = gen_random_uuid()", [epoch]);
    await client.query("UPDATE log_head SET epoch = $1", [epoch]);
    for (const log of logNames) {
      const frontier = await frontierAt(pool, log, adopted[log].position);
      await writeMark(client as unknown as pg.Pool, log, { epoch, segmentHash: adopted[log].segment, frontier });
    }
    await becomeBase(client);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {});
    throw error;
  } finally {
    client.release();
  }
};

/** The epoch's first line says by whose word it began. */
const noteOpening = async (
  { keyRing }: PromotionParts,
  pool: pg.Pool,
  signed: SignedOpening,
  { epoch }: Opening,
): Promise<void> => {
  const log = createControlLog(pool, keyRing, "append_control");
  const reason = "opened by the officers";
  const state = { ...signed };
  await log
    .append([{ kind: "epoch", id: String(epoch), state, by: {}, reason, expected: 0 }])
    .catch((error: unknown) => {
      // Noted by a run that was interrupted after it.
      if (!(error instanceof StaleSubject)) throw error;
    });
};

/** Where a log ends here, and which file of the archive has its last line. */
const placeOf = async (
  { trust, letterbox }: PromotionParts,
  pool: pg.Pool,
  log: LogName,
): Promise<{ frontier: Frontier; segment: string }> => {
  const last = await headOf(pool, log);
  const frontier = await frontierAt(pool, log, last);
  if (last === 0) return { frontier, segment: "" };
  const [name] = await letterbox.after(trust, log, last - 1);
  const file = name === undefined ? undefined : await letterbox.read(trust, log, name);
  if (file === undefined)
    throw new BadOpening(`The archive does not hold line ${last} of ${log}: this server has lines of its own.`);
  return { frontier, segment: readSegment(file).hash };
};

const epochOf = async (pool: pg.Pool): Promise<number> => {
  const { rows } = await pool.query<{ epoch: number }>("SELECT epoch FROM life");
  return rows[0]!.epoch;
};

const withPool = async <T>(url: string, work: (pool: pg.Pool) => Promise<T>): Promise<T> => {
  const pool = new pg.Pool({ connectionString: url, max: 2, application_name: "holdfast promote" });
  pool.on("error", () => {});
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
};
