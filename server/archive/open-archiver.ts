import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { type ServerConfig, SetupProblem } from "../config.ts";
import { startHeadKeeper } from "../heads/head-keeper.ts";
import { openWitnesses } from "../heads/witness-client.ts";
import type { Metrics } from "../metrics.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { keyFiles } from "../sealing/trust-key.ts";
import { existingSecret } from "../secrets.ts";
import { type Archiver, startArchiver } from "./archiver.ts";
import { letterboxClient } from "./letterbox-client.ts";
import { openLogKey } from "./log-key.ts";
import { frontierAt, readLeaves } from "./log-lines.ts";
import type { RecentLines } from "./recent-lines.ts";

/** The cell's archiver, with what `holdfast archive init` put into HOLDFAST_DATA. Throws SetupProblem where that is missing. */
export const openArchiver = (parts: {
  config: ServerConfig;
  trust: { trust: string };
  pool: pg.Pool;
  keyRing: KeyRing;
  letterbox: string;
  recentLines: RecentLines;
  metrics: Metrics;
  /** The officers made another server the base. */
  onClosed(): void;
}): Archiver => {
  const { config, pool, keyRing, metrics } = parts;
  const { trust } = parts.trust;
  const { dataDirectory } = config;
  const letterbox = letterboxClient(parts.letterbox, appendSecret(dataDirectory));
  const logKey = openLogKey(dataDirectory, trust, keyRing);
  const keeper = startHeadKeeper({
    trust,
    logKey,
    letterbox,
    witnesses: openWitnesses(config.witnesses),
    frontierAt: (log, size) => frontierAt(pool, log, size),
    leaves: (log, after, size) => readLeaves(pool, log, after, size),
    onCosigned: (log, size) => metrics.cosignedSize.set({ trust, log }, size),
    onFault: (log, fault, witness) => metrics.witnessFaults.inc({ trust, log, fault, witness }),
  });
  const archiver = startArchiver({
    trust,
    pool,
    keyRing,
    letterbox,
    logKey,
    recipients: readRecipients(keyFiles(dataDirectory, trust).recipients),
    recentLines: parts.recentLines,
    onTaken: keeper.taken,
    onSealed: (log, lagSeconds) => metrics.archiveLagSeconds.observe({ trust, log }, lagSeconds),
    onBlobsWaiting: (blobs) => metrics.archiveBlobsWaiting.set({ trust }, blobs),
    onFault: (log, fault) => {
      metrics.archiveFaults.inc({ trust, log, fault });
      if (fault === "epoch-closed") parts.onClosed();
    },
  });
  return {
    again: archiver.again,
    close: async () => {
      await archiver.close();
      // The head of what was sealed last; a witness that does not answer holds no stop up.
      await Promise.race([keeper.close(), delay(lastMsMax, undefined, { ref: false })]);
    },
  };
};

/** What this server appends to the letterbox with: its own from an epoch that was opened for it, else what `archive init` gave. */
export const appendSecret = (dataDirectory: string): string => {
  const own = ownAppendSecret(dataDirectory);
  const todo = "put into HOLDFAST_DATA what `holdfast archive init` made in its folder `base`.";
  return existingSecret(existsSync(own) ? own : join(dataDirectory, "secrets", "letterbox"), todo);
};
export const ownAppendSecret = (dataDirectory: string): string => join(dataDirectory, "secrets", "letterbox-append");

/** Longest that a stop waits for the last heads. */
const lastMsMax = 3_000;

const readRecipients = (path: string): string[] => {
  let lines: string[] = [];
  try {
    lines = readFileSync(path, "utf8").split("\n");
  } catch {
    // Told below.
  }
  const recipients = lines.map((line) => line.trim()).filter((line) => line !== "");
  if (recipients.length > 0) return recipients;
  throw new SetupProblem(
    "no-recipients",
    `There is no ${path}: nobody could open what is archived.`,
    "run `holdfast archive init` on this machine first, or unset HOLDFAST_LETTERBOX.",
  );
};
