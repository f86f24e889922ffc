import type { Random } from "./ports.ts";
import type { SyncOutcome } from "./replica/types.ts";

/** Waits between rounds of sync, ms. */
export const backoff = { firstMs: 1_000, maxMs: 60_000, idleMs: 15_000 } as const;

/**
 * How long to wait before the next round, ms. `attempt` counts failed rounds in a row, from 1; Full jitter, so that the devices of a whole service do not come back in step. It is always a number: sync never gives up.
 */
export const nextDelayMs = (outcome: SyncOutcome, attempt: number, random: Pick<Random, "unit">): number => {
  if (outcome.result === "done" && outcome.more) return 0;
  const unit = random.unit();
  const atLeast = Math.min(Math.max(outcome.retryAfterMs ?? 0, 0), 10 * backoff.maxMs);
  if (outcome.result === "done") return Math.max(atLeast, backoff.idleMs * (0.5 + unit / 2));
  const doublings = Math.min(Math.max(attempt, 1) - 1, 30);
  return atLeast + unit * Math.min(backoff.maxMs, backoff.firstMs * 2 ** doublings);
};
