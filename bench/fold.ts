import type { Entry } from "#domain/entry/entry.ts";
import { fold } from "#domain/record.ts";
import type { Measurement } from "./measurement.ts";
import { newDevice, newRecord, nextRun } from "./workload.ts";

const entries = 500;

/** A long record from its entries, as every screen and every projection makes it. */
export const foldBench = async (): Promise<Measurement[]> => {
  const { entries: texts } = await nextRun(newDevice(), newRecord(), entries);
  const runs: number[] = [];
  for (let run = 0; run < 30; run++) {
    // Read anew each time, so that nothing remembered of an entry makes the fold look cheaper than its first.
    const read = Array.from({ length: 10 }, () => texts.map((text) => JSON.parse(text) as Entry));
    const started = performance.now();
    for (const each of read) if (fold(each).lines.length !== entries) throw new Error("the fold lost a line");
    runs.push((performance.now() - started) / read.length);
  }
  const warm = runs.slice(10);
  return [
    { name: "fold", unit: "ms", better: "less", runs: warm, note: `${entries} entries, read anew for each fold` },
  ];
};
