import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import { type ProofResult, proofResult } from "#protocol/control/proof.ts";
import { letterboxClient } from "../archive/letterbox-client.ts";
import { appendSecret } from "../archive/open-archiver.ts";
import type { ServerConfig } from "../config.ts";
import { signersOf } from "../epochs/officers.ts";
import { witnessClient } from "../heads/witness-client.ts";
import { createControlLog } from "../logs/control-log.ts";
import type { Metrics } from "../metrics.ts";
import type { KeyRing } from "../sealing/key-ring.ts";
import { untilHour } from "../until-hour.ts";
import { proofSubjectId } from "./proof-subject.ts";
import { verifyTrust } from "./verify.ts";

export interface Prover {
  /** Compares now, and notes the result in the control log. One run at a time: who asks meanwhile gets the one that runs. */
  run(): Promise<ProofResult>;
  isRunning(): boolean;
  /** Cuts short the run that there is. */
  close(): Promise<void>;
}

export interface ProverParts {
  config: ServerConfig;
  trust: { trust: string };
  /** Of the archive's role, asked anew for each run. */
  url: () => string;
  /** Connections of holdfast_archive, which notes what was found, and of holdfast_identity, which reads what was last. */
  pool: pg.Pool;
  identity: pg.Pool;
  keyRing: KeyRing;
  letterbox: string;
  metrics: Metrics;
}

/** Longest that a stop waits for a run to end. */
const lastMsMax = 3_000;
const dayMs = 86_400_000;
const hourOfNight = 2;
/** After a start, where no run is on record for a day. */
const soonMs = 600_000;

/** Runs the proof of a trust's logs every night. */
export const openProver = (parts: ProverParts): Prover => {
  const { config, keyRing, metrics, identity } = parts;
  const { trust } = parts.trust;
  const letterbox = letterboxClient(parts.letterbox, appendSecret(config.dataDirectory));
  const { logKeys, officers } = signersOf(config.dataDirectory, trust, keyRing);
  const log = createControlLog(parts.pool, keyRing, "append_proof");
  let running: Promise<ProofResult> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const closing = new AbortController();
  const { signal } = closing;

  const prove = async (): Promise<ProofResult> => {
    const witnesses = config.witnesses.map((setting) => witnessClient(setting).key);
    const moreHeads = await witnessedHeads(config.witnesses);
    const about = { url: parts.url(), trust, keyRing, logKeys, officers, witnesses, letterbox, moreHeads, signal };
    const result = await verifyTrust(about);
    metrics.proofProblems.set(
      { trust },
      result.logs.reduce((sum, { problemCount }) => sum + problemCount, 0),
    );
    metrics.proofTime.set({ trust }, Date.parse(result.ranAt) / 1_000);
    await log.append([{ kind: "proof", id: proofSubjectId, state: { ...result }, by: {} }]);
    return result;
  };
  const run = (): Promise<ProofResult> => {
    running ??= prove().finally(() => {
      running = undefined;
    });
    return running;
  };
  const schedule = (ms: number): void => {
    if (signal.aborted) return;
    timer = setTimeout(() => {
      // A run that fails is tried again the next night; the metric's time tells that none has ended.
      run()
        .catch(() => {})
        .then(() => schedule(untilHour(hourOfNight, new Date())));
    }, ms);
    timer.unref();
  };
  const held = createControlLog(identity, keyRing, "append_identity");
  const began = held.find("proof", proofSubjectId).then(
    (subject) => {
      const latest = proofResult.safeParse(subject?.state);
      const isRecent = latest.success && Date.now() - Date.parse(latest.data.ranAt) < dayMs;
      schedule(isRecent ? untilHour(hourOfNight, new Date()) : soonMs);
    },
    () => schedule(soonMs),
  );
  return {
    run,
    isRunning: () => running !== undefined,
    close: async () => {
      closing.abort();
      await began;
      clearTimeout(timer);
      // A letterbox that does not answer holds no stop up.
      await Promise.race([running?.catch(() => {}), delay(lastMsMax, undefined, { ref: false })]);
    },
  };
};

const answerMsMax = 5_000;

/** What witnesses saw last: it shows what was rolled back everywhere else. One that does not answer is left out. */
export const witnessedHeads = async (settings: readonly string[]): Promise<string[]> => {
  const answers = await Promise.allSettled(
    settings.map(async (setting) => {
      const address = setting.slice(setting.indexOf("@") + 1);
      const answer = await fetch(`${address}/heads`, { signal: AbortSignal.timeout(answerMsMax) });
      const { heads } = (await answer.json()) as { heads: unknown[] };
      return heads.filter((head) => typeof head === "string");
    }),
  );
  return answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []));
};
