import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { type ServerConfig, SetupProblem } from "../config.ts";
import { startHeadKeeper } from "../heads/head-keeper.ts";
import { witnessClient } from "../heads/witness-client.ts";
import type { Metrics } from "../metrics.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { keyFiles } from "../sealing/trust-key.ts";
import { existingSecret } from "../secrets.ts";
import { type Archiver, startArchiver } from "./archiver.ts";
import { letterboxClient } from "./letterbox-client.ts";
import { openLogKey } from "./log-key.ts";
import { frontierAt, readLeaves } from "./log-lines.ts";

/** The cell's archiver, with what `holdfast archive init` put into HOLDFAST_DATA. Throws SetupProblem where that is missing. */
export const openArchiver = (parts: {
  config: ServerConfig;
  trust: { trust: string };
  pool: pg.Pool;
  keyRing: KeyRing;
  letterbox: string;
  metrics: Metrics;
}): Archiver => {
  const { config, pool, keyRing, metrics } = parts;
  const { trust } = parts.trust;
  const { dataDirectory } = config;
  const letterbox = letterboxClient(parts.letterbox, existingSecret(join(dataDirectory, "secrets", "letterbox")));
  const logKey = openLogKey(dataDirectory, trust, keyRing);
  const keeper = startHeadKeeper({
    trust,
    logKey,
    letterbox,
    witnesses: config.witnesses.map(openWitness),
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
    onTaken: keeper.taken,
    onSealed: (log, lagSeconds) => metrics.archiveLagSeconds.observe({ trust, log }, lagSeconds),
    onBlobsWaiting: (blobs) => metrics.archiveBlobsWaiting.set({ trust }, blobs),
    onFault: (log, fault) => metrics.archiveFaults.inc({ trust, log, fault }),
  });
  return {
    close: async () => {
      await archiver.close();
      // The head of what was sealed last; a witness that does not answer holds no stop up.
      await Promise.race([keeper.close(), delay(lastMsMax, undefined, { ref: false })]);
    },
  };
};

/** Longest that a stop waits for the last heads. */
const lastMsMax = 3_000;

const openWitness = (setting: string): ReturnType<typeof witnessClient> => {
  try {
    return witnessClient(setting);
  } catch (error) {
    throw new SetupProblem(
      "bad-witness",
      `HOLDFAST_WITNESSES names a witness by no key: ${(error as Error).message}`,
      "copy what `holdfast witness` prints when it starts.",
    );
  }
};

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
