import { nextDelayMs } from "#sync/backoff.ts";
import type { Random } from "#sync/ports.ts";
import type { SyncOutcome } from "#sync/replica.ts";

export interface SyncLoop {
  /**
   * Something is worth a round. After a failed round only `hurry` (the person asked, or the network came back) cuts the
   * wait short: a crew that writes during an outage must not hammer the base.
   */
  wake(hurry?: boolean): void;
  /** A round now; resolves when it is over. */
  now(): Promise<void>;
  stop(): void;
}

const broken: SyncOutcome = { result: "store-failed", pushed: 0, pulled: 0, more: false };

/** Runs `round` again and again, one at a time, as `nextDelayMs` says. It never gives up. */
export const startSyncLoop = (
  round: () => Promise<SyncOutcome>,
  random: Random,
  onOutcome: (outcome: SyncOutcome) => void,
): SyncLoop => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running: Promise<void> | undefined;
  let failures = 0;
  let wokenMeanwhile = false;
  let hurriedMeanwhile = false;
  let stopped = false;

  const runOnce = async () => {
    wokenMeanwhile = false;
    hurriedMeanwhile = false;
    const outcome = await round().catch((): SyncOutcome => broken);
    if (stopped) return;
    failures = outcome.result === "done" ? 0 : failures + 1;
    try {
      onOutcome(outcome);
    } catch (error) {
      // A listener's fault is shown where faults are shown, and must not end the rounds.
      reportError(error);
    }
    const isAtOnce = hurriedMeanwhile || (wokenMeanwhile && failures === 0);
    timer = setTimeout(run, isAtOnce ? 0 : nextDelayMs(outcome, failures, random));
  };
  const run = (): Promise<void> => {
    clearTimeout(timer);
    running ??= runOnce().finally(() => {
      running = undefined;
    });
    return running;
  };

  const wake = (hurry = false) => {
    if (stopped) return;
    if (running !== undefined) {
      wokenMeanwhile = true;
      hurriedMeanwhile ||= hurry;
    } else if (failures === 0 || hurry) void run();
  };
  const hurry = () => wake(true);
  const visible = () => {
    if (document.visibilityState === "visible") hurry();
  };
  addEventListener("online", hurry);
  document.addEventListener("visibilitychange", visible);
  void run();

  return {
    wake,
    async now() {
      // A round that is under way may have read what waits before the last write.
      await running;
      if (!stopped) await run();
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      removeEventListener("online", hurry);
      document.removeEventListener("visibilitychange", visible);
    },
  };
};
