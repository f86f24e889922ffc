import { expect, test } from "vitest";
import type { AccessLine } from "../../logs/access-line.ts";
import { brokenGlassOf } from "./broken-glass.ts";

const hour = 3_600_000;
let position = 0;
/** A line of `who`, some hours after noon. */
const line = (who: string, hours: number, action: "find" | "break-glass", ...recordIds: string[]): AccessLine => ({
  epoch: 1,
  position: ++position,
  received: new Date(Date.UTC(2026, 10, 23, 12) + hours * hour).toISOString(),
  deviceId: "tablet",
  zone: "crew",
  person: { userId: who, name: who, roles: ["paramedic"] },
  action,
  purpose: "break-glass",
  relation: "own-trust",
  recordIds,
  reason: "In front of me",
});
const told = (...lines: AccessLine[]) =>
  brokenGlassOf(lines).map((each) => [each.userId, each.of, each.of === "record" ? each.recordId : each.found]);

test("a record that is opened again and again is reviewed once a shift", () => {
  const again = [0, 1, 11, 13].map((hours) => line("amara", hours, "break-glass", "r1"));
  expect(told(...again)).toEqual([
    ["amara", "record", "r1"],
    ["amara", "record", "r1"],
  ]);
});

test("a look-up is reviewed as what it opened, and by itself where it opened nothing of what it found", () => {
  const found = line("amara", 0, "find", "r1", "r2");
  expect(told(found)).toEqual([["amara", "search", 2]]);
  expect(told(found, line("amara", 1, "break-glass", "r2"))).toEqual([["amara", "record", "r2"]]);
  for (const other of [
    line("amara", 1, "break-glass", "r3"),
    line("tom", 1, "break-glass", "r1"),
    line("amara", 13, "break-glass", "r1"),
  ])
    expect(told(found, other)).toContainEqual(["amara", "search", 2]);
  const before = line("amara", -1, "break-glass", "r1");
  expect(told(before, found)).toContainEqual(["amara", "search", 2]);
  expect(told(line("amara", 0, "find"))).toEqual([["amara", "search", 0]]);
});
