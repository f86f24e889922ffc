import fc from "fast-check";
import { expect, test } from "vitest";
import { backoff, nextDelayMs } from "./backoff.ts";
import type { SyncOutcome, SyncResult } from "./replica.ts";

const outcome = (result: SyncResult, parts: Partial<SyncOutcome> = {}): SyncOutcome => ({
  result,
  pushed: 0,
  pulled: 0,
  more: false,
  ...parts,
});
const results: SyncResult[] = ["done", "unreachable", "busy", "refused", "rejected", "epoch-behind", "store-failed"];

test("[S08] whatever happened, however often, it is tried again within a bounded time", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...results),
      fc.boolean(),
      fc.integer(),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.option(fc.integer(), { nil: undefined }),
      (result, more, attempt, unit, retryAfterMs) => {
        const parts = { more, ...(retryAfterMs !== undefined && { retryAfterMs }) };
        const delay = nextDelayMs(outcome(result, parts), attempt, { unit: () => unit });
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(11 * backoff.maxMs);
      },
    ),
  );
});

test("waits grow with failures, up to the cap, and start at once while there is more", () => {
  const at = (attempt: number, unit: number) => nextDelayMs(outcome("unreachable"), attempt, { unit: () => unit });
  expect(at(1, 0.5)).toBe(500);
  expect(at(3, 0.5)).toBe(2_000);
  expect(at(99, 0.5)).toBe(backoff.maxMs / 2);
  expect(at(3, 0)).toBe(0);
  expect(nextDelayMs(outcome("done", { more: true }), 1, { unit: () => 0.5 })).toBe(0);
});

test("a server that says when to come back is not troubled before", () => {
  const delay = nextDelayMs(outcome("busy", { retryAfterMs: 5_000 }), 1, { unit: () => 0 });
  expect(delay).toBe(5_000);
});
