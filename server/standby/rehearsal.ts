import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import * as z from "zod/mini";
import { logNames } from "#defence/log/line.ts";
import { rootHex } from "../archive/hashing.ts";
import { frontierAt, headOf } from "../archive/log-lines.ts";
import type { Cluster } from "../postgres/cluster.ts";
import { type Restored, type RestoreParts, restore } from "../recovery/restore.ts";
import { createKeyRing } from "../sealing/key-ring.ts";
import { fileTrustKey } from "../sealing/trust-key.ts";
import { replaceSecret } from "../secrets.ts";
import { untilHour } from "../until-hour.ts";

/**
 * `broken`: a log of the archive is not good after some line; `differs`: the standby has other lines; `behind`: it has not read so far;
 * `not-projected`: records without their rows; `altered`: attachments that are not good; `failed`: it could not be done.
 */
const rehearsalFault = z.object({
  fault: z.enum(["broken", "differs", "behind", "not-projected", "altered", "failed"]),
  words: z.string(),
});
type RehearsalFault = z.infer<typeof rehearsalFault>;

/** What a rehearsal found, as its file holds it. */
const rehearsalResult = z.object({
  trust: z.string(),
  ranAt: z.iso.datetime(),
  seconds: z.number(),
  good: z.boolean(),
  faults: z.array(rehearsalFault),
  logs: z.array(z.object({ log: z.enum(logNames), lines: z.int(), root: z.string() })),
  records: z.int(),
});
export type RehearsalResult = z.infer<typeof rehearsalResult>;

export interface RehearsalParts extends Pick<RestoreParts, "letterbox" | "logKeys" | "identity"> {
  trust: string;
  officers: RestoreParts["officers"] & {};
  /** Where a database can be made and dropped. */
  cluster: Pick<Cluster, "url" | "prepareScratch" | "dropScratch">;
  /** The standby's own database. */
  pool: pg.Pool;
  dataDirectory: string;
  onResult(result: RehearsalResult): void;
}

export interface Rehearsal {
  /** Restores now, compares, and says what it found. Never rejects. */
  run(): Promise<RehearsalResult>;
  /** Every night from now on, and soon where none has ended well for a day. */
  start(): void;
  /** Ends one that runs. */
  close(): Promise<void>;
}

const hourOfNight = 3;
const dayMs = 86_400_000;
const soonMs = 600_000;
/** The standby reads the archive each second: longest that it is waited for, ms. */
const catchUpMsMax = 60_000;

/**
 * A restore of the whole archive into a database that is dropped again, as somebody would have to do it on the day: with keys of its own,
 * and compared with what the standby serves.
 */
export const createRehearsal = (parts: RehearsalParts): Rehearsal => {
  const { trust, cluster, dataDirectory } = parts;
  const scratch = `${trust}_rehearsal`;
  const path = join(dataDirectory, "rehearsal", `${trust}.json`);
  let running: Promise<RehearsalResult> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const restoreOnce = async (): Promise<Restored> => {
    const keys = mkdtempSync(join(tmpdir(), "holdfast-rehearsal-"));
    try {
      await cluster.prepareScratch(scratch);
      const keyRing = createKeyRing(fileTrustKey(keys, trust));
      // Others are served meanwhile.
      return await restore({ ...parts, url: cluster.url(scratch, "owner"), keyRing, threadCount: 1 });
    } finally {
      await cluster.dropScratch(scratch).catch(() => {});
      rmSync(keys, { recursive: true, force: true });
    }
  };
  const rehearse = async (): Promise<RehearsalResult> => {
    const ranAt = new Date().toISOString();
    const began = performance.now();
    const faults: RehearsalFault[] = [];
    let restored: Pick<Restored, "logs" | "records"> = { logs: [], records: 0 };
    try {
      const all = await restoreOnce();
      restored = all;
      faults.push(...faultsOf(all), ...(await differences(parts.pool, all)));
    } catch (error) {
      faults.push({ fault: "failed", words: wordsOf(error) });
    }
    const result: RehearsalResult = {
      ...{ trust, ranAt, faults, good: faults.length === 0, records: restored.records },
      seconds: Math.round((performance.now() - began) / 10) / 100,
      logs: restored.logs.map(({ log, lines, root }) => ({ log, lines, root })),
    };
    if (isClosed) return result;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    replaceSecret(path, JSON.stringify(result));
    parts.onResult(result);
    return result;
  };
  const run = (): Promise<RehearsalResult> => {
    running ??= rehearse().finally(() => {
      running = undefined;
    });
    return running;
  };
  const schedule = (ms: number): void => {
    if (isClosed) return;
    timer = setTimeout(() => void run().then(() => schedule(untilHour(hourOfNight, new Date()))), ms);
    timer.unref();
  };
  return {
    run,
    start: () => {
      const last = lastResult(path);
      if (last) parts.onResult(last);
      const isRecent = last?.good === true && Date.now() - Date.parse(last.ranAt) < dayMs;
      schedule(isRecent ? untilHour(hourOfNight, new Date()) : soonMs);
    },
    close: async () => {
      isClosed = true;
      clearTimeout(timer);
      // Its sessions end with its database; what it was doing is of no use to anybody.
      if (running) await cluster.dropScratch(scratch).catch(() => {});
      await running;
    },
  };
};

const faultsOf = ({ logs, failed, blobs }: Restored): RehearsalFault[] => [
  ...logs.flatMap(({ broken }) => (broken ? [{ fault: "broken" as const, words: broken.words }] : [])),
  ...(failed > 0 ? [{ fault: "not-projected" as const, words: `${failed} records` }] : []),
  ...blobs.altered.map(({ object, fault }) => ({ fault: "altered" as const, words: `${object}: ${fault}` })),
];

/** Of each log, whether the standby's own lines up to there make the same root. */
const differences = async (pool: pg.Pool, { logs }: Restored): Promise<RehearsalFault[]> => {
  const found: RehearsalFault[] = [];
  const giveUp = performance.now() + catchUpMsMax;
  for (const { log, lines, root } of logs) {
    while ((await headOf(pool, log)) < lines && performance.now() < giveUp) await delay(100);
    const own = await headOf(pool, log);
    if (own < lines)
      found.push({ fault: "behind", words: `${log}: the archive has ${lines} lines, the standby ${own}` });
    else if (rootHex(await frontierAt(pool, log, lines)) !== root)
      found.push({ fault: "differs", words: `${log}: the standby's first ${lines} lines are not the archive's` });
  }
  return found;
};

/** An error's own code where it has one: what a database says may quote what it was given. */
const wordsOf = (error: unknown): string => {
  const { code, name } = error as { code?: unknown; name?: unknown };
  return [name, code].filter((word) => typeof word === "string").join(" ") || "it could not be done";
};

/** Undefined where there is none. */
const lastResult = (path: string): RehearsalResult | undefined => {
  try {
    return rehearsalResult.safeParse(JSON.parse(readFileSync(path, "utf8"))).data;
  } catch {
    return undefined;
  }
};
