import { readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { type ServerConfig, SetupProblem } from "../config.ts";
import type { Metrics } from "../metrics.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { keyFiles } from "../sealing/trust-key.ts";
import { existingSecret } from "../secrets.ts";
import { type Archiver, startArchiver } from "./archiver.ts";
import { letterboxClient } from "./letterbox-client.ts";
import { openLogKey } from "./log-key.ts";

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
  return startArchiver({
    trust,
    pool,
    keyRing,
    letterbox: letterboxClient(parts.letterbox, existingSecret(join(dataDirectory, "secrets", "letterbox"))),
    logKey: openLogKey(dataDirectory, trust, keyRing),
    recipients: readRecipients(keyFiles(dataDirectory, trust).recipients),
    onSealed: (log, lagSeconds) => metrics.archiveLagSeconds.observe({ trust, log }, lagSeconds),
    onFault: (log, fault) => metrics.archiveFaults.inc({ trust, log, fault }),
  });
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
