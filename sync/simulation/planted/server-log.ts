import { decideRun } from "../../decide.ts";
import type { AppendOutcome } from "../../store.ts";
import type { Planted } from "../world.ts";

/** Bugs in how a server keeps its log. */
export const acknowledgeBeforeCommit: Planted = {
  logStore: (store, disk) => ({
    ...store,
    append: async (lines, expected): Promise<AppendOutcome> => {
      void store.append(lines, expected).catch(() => undefined);
      return { outcome: "committed", epoch: disk.epoch, firstPosition: disk.lines.length + 1 };
    },
  }),
};

/** The same id is the same entry, whatever its bytes. */
export const dedupeByIdOnly: Planted = {
  logStore: (store) => ({
    ...store,
    append: async (lines, expected) => {
      const outcome = await store.append(lines, expected);
      if (outcome.outcome !== "id-taken") return outcome;
      const stored = new Map<string, string>();
      for (const { entry, hash } of lines) if (entry && outcome.stored.has(entry.id)) stored.set(entry.id, hash);
      return { outcome: "id-taken", stored };
    },
  }),
};

/** Positions from a bare sequence: a number is taken before the commit, so readers see 12 before 11 and go on to 13. */
export const bareSequence: Planted = {
  logStore: (store, disk, world, life) => ({
    ...store,
    append: async (lines, expected) => {
      if (lines.length < 2) return store.append(lines, expected);
      const outcome = await store.append(lines, expected);
      if (outcome.outcome !== "committed") return outcome;
      // The first line is on its way while the others can be read already.
      const late = disk.lines[outcome.firstPosition - 1]!;
      const { recordId } = late;
      late.recordId = "not yet visible";
      await world.scheduler.pause(life, 300);
      late.recordId = recordId;
      return outcome;
    },
  }),
};

/** Takes an entry without looking at what it names as its predecessor. */
export const acceptBrokenPrev: Planted = {
  decide: (view, run) => {
    const items = run.items.map((item) => {
      if (!item.entry) return item;
      const before = view.chain(run.recordId, run.deviceId).hashAt(item.n - 1);
      const prev = before ?? item.entry.prev;
      return { ...item, entry: { ...item.entry, prev }, prev };
    });
    const decision = decideRun(view, { ...run, items });
    for (const { line } of decision.lines) {
      const sent = run.items.find((item) => item.hash === line.hash);
      if (line.entry && sent?.entry) line.entry = sent.entry;
    }
    return decision;
  },
};
