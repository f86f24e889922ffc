import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createServers } from "./servers.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const [base, standby] = ["https://crew.base.example", "https://crew.standby.example"];

test("two rounds without an answer move to the standby at once; one is a tunnel", () => {
  const servers = createServers([base!, standby!]);
  expect(servers.heard("unreachable")).toBe(false);
  expect(servers.heard("done")).toBe(false);
  expect(servers.heard("unreachable")).toBe(false);
  expect(servers.url()).toBe(base);
  expect(servers.heard("unreachable")).toBe(true);
  expect(servers.url()).toBe(standby);
  // A busy or refusing base is there.
  const other = createServers([base!, standby!]);
  for (const result of ["busy", "refused", "rejected", "busy", "store-failed"] as const) other.heard(result);
  expect(other.url()).toBe(base);
  for (const each of [servers, other]) each.stop();
});

test("where nobody answers it goes round, and leaves the waiting to the loop", () => {
  const servers = createServers([base!, standby!]);
  servers.heard("unreachable");
  servers.heard("unreachable");
  servers.heard("unreachable");
  expect(servers.heard("unreachable")).toBe(false);
  expect(servers.url()).toBe(base);
  servers.stop();
});

test("it goes back to the first as soon as that answers, and tells who listens", async () => {
  let isBack = false;
  const ask = vi.fn(async () => isBack);
  const servers = createServers([base!, standby!], ask);
  const moved = vi.fn();
  servers.onMove(moved);
  servers.heard("unreachable");
  servers.heard("unreachable");
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
  expect(servers.heard("epoch-behind")).toBe(true);
  expect(servers.url()).toBe(standby);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(ask).not.toHaveBeenCalled();
  servers.stop();
});

test("a new list keeps the server that is called while it is in it", () => {
  const servers = createServers([base!]);
  expect(servers.heard("unreachable") || servers.heard("unreachable")).toBe(false);
  servers.update([base!, standby!]);
  expect(servers.url()).toBe(base);
  servers.update([standby!]);
  expect(servers.url()).toBe(standby);
  servers.stop();
});
