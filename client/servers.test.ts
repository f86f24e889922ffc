import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createServers } from "./servers.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const [base, standby] = ["https://crew.base.example", "https://crew.standby.example"];

test("two rounds without an answer move to the standby at once; one is a tunnel", () => {
  const servers = createServers([base!, standby!]);
  expect(servers.heard("unreachable", servers.url())).toBe(false);
  expect(servers.heard("done", servers.url())).toBe(false);
  expect(servers.heard("unreachable", servers.url())).toBe(false);
  expect(servers.url()).toBe(base);
  expect(servers.heard("unreachable", servers.url())).toBe(true);
  expect(servers.url()).toBe(standby);
  // A busy or refusing base is there.
  const other = createServers([base!, standby!]);
  for (const result of ["busy", "refused", "rejected", "busy", "store-failed"] as const)
    other.heard(result, other.url());
  expect(other.url()).toBe(base);
  for (const each of [servers, other]) each.stop();
});

test("where nobody answers it goes round, and leaves the waiting to the loop", () => {
  const servers = createServers([base!, standby!]);
  servers.heard("unreachable", servers.url());
  servers.heard("unreachable", servers.url());
  servers.heard("unreachable", servers.url());
  expect(servers.heard("unreachable", servers.url())).toBe(false);
  expect(servers.url()).toBe(base);
  servers.stop();
});

test("it goes back to the first as soon as that answers, and tells who listens", async () => {
  let isBack = false;
  const ask = vi.fn(async () => isBack);
  const servers = createServers([base!, standby!], ask);
  const moved = vi.fn();
  servers.onMove(moved);
  servers.heard("unreachable", servers.url());
  servers.heard("unreachable", servers.url());
  await vi.advanceTimersByTimeAsync(60_000);
  expect(servers.url()).toBe(standby);
  expect(ask).toHaveBeenCalledWith(base);
  isBack = true;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(servers.url()).toBe(base);
  expect(moved).toHaveBeenCalledTimes(2);
  const asked = ask.mock.calls.length;
  await vi.advanceTimersByTimeAsync(600_000);
  expect(ask).toHaveBeenCalledTimes(asked);
});

test("a base of an epoch that is over is left at once, and not asked again soon", async () => {
  const ask = vi.fn(async () => true);
  const servers = createServers([base!, standby!], ask);
  expect(servers.heard("epoch-behind", servers.url())).toBe(true);
  expect(servers.url()).toBe(standby);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(ask).not.toHaveBeenCalled();
  servers.stop();
});

describe("a server that says nothing", () => {
  const silent = (there: readonly string[]) => {
    const ask = vi.fn(async (url: string) => there.includes(url));
    return { ask, servers: createServers([base!, standby!], ask) };
  };

  test("is left within 8 s for one that answers, and what waited for it is ended and tried there", async () => {
    const { servers } = silent([standby!]);
    const moved = vi.fn(() => expect(servers.asking().signal.aborted).toBe(false));
    servers.onMove(moved);
    const [round, upload] = [servers.asking(), servers.asking()];
    await vi.advanceTimersByTimeAsync(3_999);
    expect([servers.url(), round.signal.aborted]).toEqual([base, false]);
    await vi.advanceTimersByTimeAsync(1);
    expect([servers.url(), round.signal.aborted, upload.signal.aborted]).toEqual([standby, true, true]);
    expect(moved).toHaveBeenCalledTimes(1);
    // However many waited for the one that was left, none of them says anything of the next.
    for (const each of [round, upload, round]) {
      each.ended();
      expect(servers.heard("unreachable", base!)).toBe(true);
    }
    expect(servers.heard("unreachable", standby!)).toBe(false);
    expect(servers.url()).toBe(standby);
    servers.stop();
  });

  test("is not silent while an answer arrives, however slowly, and is when its rest does not", async () => {
    const { servers, ask } = silent([standby!]);
    const { came, signal } = servers.asking();
    for (let part = 0; part < 10; part++) {
      await vi.advanceTimersByTimeAsync(3_900);
      came();
    }
    expect([servers.url(), ask.mock.calls.length]).toEqual([base, 0]);
    await vi.advanceTimersByTimeAsync(4_000);
    expect([servers.url(), signal.aborted]).toEqual([standby, true]);
    servers.stop();
  });

  test("is called again once it has answered twice in a row", async () => {
    const answers = [false, true, false, true, true];
    const servers = createServers([base!, standby!], async (url) => url === standby || answers.shift()!);
    servers.asking();
    await vi.advanceTimersByTimeAsync(4_000);
    for (let asked = 1; asked <= 3; asked++) {
      await vi.advanceTimersByTimeAsync(20_000);
      expect(servers.url()).toBe(standby);
    }
    await vi.advanceTimersByTimeAsync(20_000);
    expect([servers.url(), answers]).toEqual([base, []]);
    servers.stop();
  });

  test("stays where it answers a short question, where the next does not, and where nothing is waited for", async () => {
    for (const there of [[base!, standby!], [base!], []]) {
      const { servers, ask } = silent(there);
      const { signal } = servers.asking();
      await vi.advanceTimersByTimeAsync(19_000);
      expect([servers.url(), signal.aborted]).toEqual([base, false]);
      expect(ask).toHaveBeenCalledTimes(8);
      servers.stop();
    }
    const { servers, ask } = silent([standby!]);
    servers.asking().ended();
    await vi.advanceTimersByTimeAsync(19_000);
    expect([servers.url(), ask.mock.calls.length]).toEqual([base, 0]);
    servers.stop();
  });

  test("is not left for an answer to a question of before, when a new request has just begun", async () => {
    const waiting: ((isThere: boolean) => void)[] = [];
    const servers = createServers([base!, standby!], () => new Promise((resolve) => waiting.push(resolve)));
    const first = servers.asking();
    await vi.advanceTimersByTimeAsync(4_000);
    first.ended();
    const second = servers.asking();
    waiting[0]!(false);
    waiting[1]!(true);
    await vi.advanceTimersByTimeAsync(0);
    expect([servers.url(), second.signal.aborted]).toEqual([base, false]);
    servers.stop();
  });
});

test("a new list keeps the server that is called while it is in it", () => {
  const servers = createServers([base!]);
  expect(servers.heard("unreachable", servers.url()) || servers.heard("unreachable", servers.url())).toBe(false);
  servers.update([base!, standby!]);
  expect(servers.url()).toBe(base);
  servers.update([standby!]);
  expect(servers.url()).toBe(standby);
  servers.stop();
});
