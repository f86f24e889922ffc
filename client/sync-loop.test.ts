import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SyncOutcome } from "#sync/replica.ts";
import { browserRandom } from "./ports.ts";
import { type SyncLoop, startSyncLoop } from "./sync-loop.ts";

const done: SyncOutcome = { result: "done", pushed: 0, pulled: 0, more: false };
const away: SyncOutcome = { ...done, result: "unreachable" };

describe("the sync loop", () => {
  let page: EventTarget;
  let loop: SyncLoop | undefined;
  beforeEach(() => {
    vi.useFakeTimers();
    page = new EventTarget();
    vi.stubGlobal("addEventListener", page.addEventListener.bind(page));
    vi.stubGlobal("removeEventListener", page.removeEventListener.bind(page));
    vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
  });
  afterEach(() => {
    loop?.stop();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  const start = (outcome: () => SyncOutcome) => {
    const round = vi.fn(async () => outcome());
    loop = startSyncLoop(round, browserRandom, () => {});
    return round;
  };

  it("runs at once, and again by itself for ever", async () => {
    const round = start(() => done);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(round.mock.calls.length).toBeGreaterThanOrEqual(4);
  });

  it("never gives up on a base that is away, and never hammers it: a write does not cut the wait short", async () => {
    const round = start(() => away);
    await vi.advanceTimersByTimeAsync(3_600_000);
    const tried = round.mock.calls.length;
    expect(tried).toBeGreaterThan(60);
    for (let write = 0; write < 100; write++) loop!.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(round.mock.calls.length).toBeLessThanOrEqual(tried + 1);
  });

  it("goes on after a round that broke, and after a listener that throws", async () => {
    const reported = vi.fn();
    vi.stubGlobal("reportError", reported);
    const round = vi.fn(async () => Promise.reject<SyncOutcome>(new Error("not foreseen")));
    loop = startSyncLoop(round, browserRandom, () => {
      throw new Error("a screen's fault");
    });
    await vi.advanceTimersByTimeAsync(600_000);
    expect(round.mock.calls.length).toBeGreaterThan(5);
    expect(reported).toHaveBeenCalledTimes(round.mock.calls.length);
  });

  it("tries at once when the network is back", async () => {
    let outcome = away;
    const round = start(() => outcome);
    await vi.advanceTimersByTimeAsync(600_000);
    outcome = done;
    const tried = round.mock.calls.length;
    page.dispatchEvent(new Event("online"));
    await vi.advanceTimersByTimeAsync(0);
    expect(round.mock.calls.length).toBeGreaterThanOrEqual(tried + 1);
  });

  it("runs another round for what was written during one", async () => {
    const round = start(() => done);
    loop!.wake();
    await vi.advanceTimersByTimeAsync(1);
    expect(round).toHaveBeenCalledTimes(2);
  });

  it("tries at once after a round that failed, if a hurry came during it or from its listener", async () => {
    const round = vi.fn(async () => away);
    let calls = 0;
    loop = startSyncLoop(round, browserRandom, () => {
      if (++calls === 1) loop!.wake(true);
    });
    loop.wake(true);
    await vi.advanceTimersByTimeAsync(0);
    await vi.advanceTimersByTimeAsync(0);
    expect(round).toHaveBeenCalledTimes(2);
  });

  it("is quiet once stopped", async () => {
    const round = start(() => done);
    await vi.advanceTimersByTimeAsync(0);
    loop!.stop();
    page.dispatchEvent(new Event("online"));
    loop!.wake(true);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(round).toHaveBeenCalledTimes(1);
  });
});
