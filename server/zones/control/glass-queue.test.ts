import { expect, test } from "vitest";
import { createGlassQueue, type GlassLine } from "./glass-queue.ts";

const hour = 3_600_000;
const inFront = "In front of me";
let position = 0;
/** A line of `userId`, some hours after noon. */
const line = (
  userId: string,
  hours: number,
  action: GlassLine["action"],
  recordIds: string[],
  more: Partial<GlassLine> = {},
): GlassLine => ({
  epoch: 1,
  position: ++position,
  at: new Date(Date.UTC(2026, 10, 23, 12) + hours * hour).toISOString(),
  deviceId: "tablet",
  userId,
  action,
  recordIds,
  reason: action === "opened-again" ? "" : inFront,
  ...more,
});
const queueOf = (...lines: GlassLine[]) => {
  const queue = createGlassQueue();
  for (const each of lines) queue.add(each);
  return queue.rows();
};
const told = (...lines: GlassLine[]) =>
  queueOf(...lines).map((each) => [each.userId, each.of, each.of === "record" ? each.recordId : each.found]);

test("a record that is opened again and again is reviewed once a shift", () => {
  const again = [0, 1, 11, 13].map((hours) => line("amara", hours, "break-glass", ["r1"]));
  expect(told(...again)).toEqual([
    ["amara", "record", "r1"],
    ["amara", "record", "r1"],
  ]);
});

test("what was noted hours ago, and came into the log after later lines, is of its own shift, and takes no later look-up away", () => {
  const now = line("amara", 24, "break-glass", ["r1"]);
  const carried = [0, 1].map((hours) => line("amara", hours, "break-glass", ["r1"]));
  const openedAt = queueOf(now, ...carried).map((row) => row.openedAt);
  expect(openedAt).toEqual([now.at, carried[0]!.at]);
  const found = line("amara", 5, "find", ["r1", "r2"]);
  const before = line("amara", 1, "break-glass", ["r1"]);
  expect(told(found, before)).toEqual([
    ["amara", "search", 2],
    ["amara", "record", "r1"],
  ]);
});

test("a look-up is reviewed as what it opened, and by itself where it opened nothing of what it found", () => {
  const found = line("amara", 0, "find", ["r1", "r2"]);
  expect(told(found)).toEqual([["amara", "search", 2]]);
  expect(told(found, line("amara", 1, "break-glass", ["r2"]))).toEqual([["amara", "record", "r2"]]);
  for (const other of [
    line("amara", 1, "break-glass", ["r3"]),
    line("tom", 1, "break-glass", ["r1"]),
    line("amara", 13, "break-glass", ["r1"]),
  ])
    expect(told(found, other)).toContainEqual(["amara", "search", 2]);
  const before = line("amara", -1, "break-glass", ["r1"]);
  expect(told(before, found)).toContainEqual(["amara", "search", 2]);
  expect(told(line("amara", 0, "find", []))).toEqual([["amara", "search", 0]]);
});

test("a look-up does not vanish behind an opening that is reviewed already", () => {
  const curious = line("amara", 3, "find", ["r1", "r2"], { reason: "Curious" });
  const again = line("amara", 4, "break-glass", ["r1"]);
  expect(queueOf(line("amara", 0, "break-glass", ["r1"]), curious, again)).toMatchObject([
    { of: "record", recordId: "r1", reason: inFront },
    { of: "search", found: 2, reason: "Curious" },
  ]);
});

test("an opening that stands for a look-up says why that was made", () => {
  const lookedUp = (reason: string) => line("amara", 3, "find", ["r1"], { reason });
  const opened = line("amara", 4, "break-glass", ["r1"]);
  expect(queueOf(lookedUp(inFront), opened)).toMatchObject([{ of: "record", reason: inFront }]);
  expect(queueOf(lookedUp("Curious"), lookedUp("Curious"), opened)).toMatchObject([
    { of: "record", reason: "In front of me · looked up as “Curious”" },
  ]);
});

test("what a device tells of itself counts where this person opened the record there, once a shift, and hides nothing", () => {
  const opened = line("amara", 0, "break-glass", ["r1"]);
  const told2 = (hours: number, more: Partial<GlassLine> = {}) => line("amara", hours, "opened-again", ["r1"], more);
  const found = line("amara", 12, "find", ["r1"]);
  expect(told(told2(0))).toEqual([]);
  for (const other of [{ userId: "tom" }, { deviceId: "another" }, { recordIds: ["r2"] }])
    expect(queueOf(opened, told2(13, other))).toHaveLength(1);
  expect(queueOf(opened, told2(11))).toHaveLength(1);
  expect(queueOf(opened, found, told2(13), told2(14), told2(15))).toMatchObject([
    { of: "record", recordId: "r1" },
    { of: "search" },
    { of: "record", recordId: "r1", reason: inFront },
  ]);
});
