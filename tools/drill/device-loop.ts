import { nodeRandom } from "#demo/node-client.ts";
import { nextDelayMs } from "#sync/backoff.ts";
import type { SyncOutcome } from "#sync/replica.ts";

export interface DeviceLoop {
  /** There is something to send. After a failed round only `hurry` cuts the wait short, as in the apps. */
  wake(hurry?: boolean): void;
  /** Resolves once no round runs. */
  stop(): Promise<void>;
}

/** Rounds of sync with the apps' own waits between them. `onOutcome`: whether the next is worth trying at once. */
export const startDeviceLoop = (
  round: () => Promise<SyncOutcome>,
  onOutcome: (outcome: SyncOutcome) => boolean,
): DeviceLoop => {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let failures = 0;
  let isWoken = false;
  let isStopped = false;

  const runOnce = async (): Promise<void> => {
    isWoken = false;
    const outcome = await round();
    failures = outcome.result === "done" ? 0 : failures + 1;
    const isWorthIt = onOutcome(outcome);
    if (isStopped) return;
    const delayMs = isWorthIt || (isWoken && failures === 0) ? 0 : nextDelayMs(outcome, failures, nodeRandom);
    timer = setTimeout(run, delayMs);
  };
  const run = (): void => {
    clearTimeout(timer);
    running ??= runOnce().finally(() => {
      running = undefined;
    });
  };
  run();
  return {
    wake: (hurry = false) => {
      if (isStopped) return;
      if (running !== undefined) isWoken = true;
      else if (failures === 0 || hurry) run();
    },
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await running;
    },
  };
};
