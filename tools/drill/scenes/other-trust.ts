import { withDatabase } from "../databases.ts";
import { faultsOf, judge } from "../ledger.ts";
import { other } from "../places.ts";
import type { SceneNotes } from "../scene.ts";
import type { Stage } from "../stage.ts";

/** The trust beside the one that is attacked has noticed nothing. `killedAt`: `performance.now()`. */
export const otherTrust = async (stage: Stage, notes: SceneNotes, killedAt: number): Promise<void> => {
  const { otherCrews, places, settledAt } = stage;
  const { entries, moved, ...day } = await otherCrews.day();
  const [settled, killed] = [performance.timeOrigin + settledAt, performance.timeOrigin + killedAt];
  const pushes = day.pushes.filter(({ at }) => at >= settled);
  const p99 = (of: typeof pushes): number => {
    const sorted = of.map(({ ms }) => ms).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN;
  };
  const [before, since] = [pushes.filter(({ at }) => at < killed), pushes.filter(({ at }) => at >= killed)];
  notes.figure("its push p99 before the attack", p99(before), "ms");
  notes.figure("its push p99 since", p99(since), "ms");
  notes.figure("since, relative to before", p99(since) / p99(before), "ratio", 1.2);
  if (moved > 0) notes.fault(`${moved} of its tablets lost sight of their base`);
  const lines = await withDatabase(places.otherBase, other, (database) => database.lines());
  const acknowledged = entries.filter((entry) => entry.acknowledged.length > 0);
  notes.figure("its entries acknowledged", acknowledged.length, "entries");
  notes.faults(faultsOf(judge(acknowledged, lines)));
};
