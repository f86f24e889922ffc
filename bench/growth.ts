import { openRawTable } from "./limits.ts";
import { inParallel, type LoadClient } from "./load.ts";
import { interleaved, type Measurement, median, ratioOf } from "./measurement.ts";
import { type PreparedPush, prepare, pushAccepted } from "./pushes.ts";
import { progress, type Rig, withRig } from "./rig.ts";
import { scale } from "./storm.ts";

const marks = [
  { name: "10k", stored: 10_000 },
  { name: "100k", stored: Math.round(100_000 * scale) },
  { name: "1m", stored: Math.round(1_000_000 * scale) },
];
const tablets = 32;
const turns = 7;
/** Entries from each tablet in one turn of a measurement, and in one turn of the filling between. */
const measured = 100;
const filled = 2_000;

/** What an entry costs when 10 thousand, 100 thousand and a million are stored. */
export const growth = (): Promise<Measurement[]> =>
  withRig(tablets, async (rig) => {
    const raw = await openRawTable(rig.adminUrl, tablets);
    const client = rig.crew(tablets);
    let stored = 0;
    const results: Measurement[] = [];
    for (const { name, stored: mark } of marks) {
      let work = await batchesOf(rig, Math.min(filled, Math.ceil((mark - stored) / tablets / 100) * 100));
      while (stored < mark) {
        // The next is written while this one is stored, so that filling costs one of the two.
        const [next] = await Promise.all([batchesOf(rig, filled), pushAll(client, work)]);
        stored += work.length * 100;
        work = next;
        progress(`growth: ${stored} entries stored`);
      }
      let turn = await batchesOf(rig, measured);
      const { runs, limits } = await interleaved(
        turns,
        async () => {
          const micros = ((await pushAll(client, turn)) * 1e6) / (turn.length * 100);
          stored += turn.length * 100;
          turn = await batchesOf(rig, measured);
          return micros;
        },
        async () => {
          await raw.empty();
          return (
            1e6 /
            (await raw.batches(
              turn.flatMap((push) => push.texts),
              100,
            ))
          );
        },
      );
      results.push({ name: `growth.${name}`, unit: "µs/entry", better: "less", runs, limits });
    }
    client.close();
    await raw.close();
    // Against the raw insert of its own minute, because the machine's speed swings more than the cost grows.
    const costs = results.map((result) => 1 / ratioOf(result)!);
    results.push({
      name: "growth",
      unit: "×",
      better: "less",
      runs: [Math.max(...costs) / costs[0]!],
      goal: "≤ 1.5",
      note: `largest cost over that at 10k, each against an insert into an empty bare table in turns (${costs.map((cost) => cost.toFixed(1)).join(", ")}); without that ${(median(results.at(-1)!.runs) / median(results[0]!.runs)).toFixed(2)}`,
    });
    return results;
  });

const batchesOf = async (rig: Rig, perTablet: number): Promise<PreparedPush[]> =>
  (
    await Promise.all(
      rig.devices.map((device) => prepare(device, { entries: perTablet, perPush: 100, perRecord: 100 })),
    )
  ).flat();

const pushAll = (client: LoadClient, pushes: readonly PreparedPush[]): Promise<number> =>
  inParallel(
    pushes.map((push) => () => pushAccepted(client, push)),
    tablets,
  );
