import { describe, expect, test } from "vitest";
import type { Principal } from "../identity/identity.ts";
import type { Access } from "./access-line.ts";
import { boardAccesses, boardReopensMs } from "./board-accesses.ts";

const screen: Principal = { deviceId: "screen-1", zone: "care", siteId: "southgate-ed", readsUntilMs: 0 };
const nurse = { userId: "nurse-1", name: "Nurse Testcase", roles: ["hospital-nurse"], strength: "passkey" } as const;

const open = () => {
  const lines: Access[] = [];
  let fails = false;
  let nowMs = 1_000;
  const log = {
    write: async (access: Access) => {
      if (fails) throw new Error("no database");
      lines.push(access);
    },
    drain: async () => {},
  };
  const boards = boardAccesses(log, () => nowMs);
  return {
    show: (ids: string[], principal = screen) => boards.shown(principal, ids),
    /** The records of each line written since it was last asked. */
    written: () => lines.splice(0).map(({ recordIds, detail }) => [...recordIds, detail].join(" ")),
    whose: () => lines.map(({ person }) => person?.userId),
    fail: (now: boolean) => {
      fails = now;
    },
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
};

describe("the log of a board", () => {
  test("has a line when it opens and when its patients change, and none for a poll", async () => {
    const { show, written } = open();
    await show(["a", "b"]);
    expect(written()).toEqual(["a b opened, 2 shown"]);
    await show(["b", "a"]);
    expect(written()).toEqual([]);
    await show(["a", "b", "c"]);
    expect(written()).toEqual(["c changed, 3 shown"]);
    await show(["c"]);
    expect(written()).toEqual(["changed, 1 shown"]);
    await show(["c", "a"]);
    expect(written()).toEqual(["a changed, 2 shown"]);
  });

  test("has a line for an empty board that opens", async () => {
    const { show, written } = open();
    await show([]);
    await show([]);
    expect(written()).toEqual(["opened, 0 shown"]);
  });

  test("opens anew for another person, for another device, and after its time", async () => {
    const { show, written, whose, pass } = open();
    await show(["a"]);
    await show(["a"], { ...screen, person: nurse, sessionId: "s1" });
    await show(["a"], { ...screen, deviceId: "screen-2" });
    await show(["a"]);
    expect(whose()).toEqual([undefined, "nurse-1", undefined]);
    expect(written()).toHaveLength(3);
    pass(boardReopensMs - 1);
    await show(["a"]);
    expect(written()).toEqual([]);
    pass(1);
    await show(["a"]);
    expect(written()).toEqual(["a opened, 1 shown"]);
  });

  test("refuses what it cannot write, and tells it the next time", async () => {
    const { show, written, fail } = open();
    await show(["a"]);
    written();
    fail(true);
    await expect(show(["a", "b"])).rejects.toThrow("no database");
    fail(false);
    await show(["a", "b"]);
    expect(written()).toEqual(["b changed, 2 shown"]);
  });
});
