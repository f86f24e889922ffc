import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { SingleBar } from "cli-progress";
import { simulate } from "#sync/simulation/simulate.ts";

const help = `holdfast simulate: run the replica and the sequencer through many seeds

  --seeds N    how many (default 2000)        --from N     the first (default 1)
  --workers N  threads (default all cores)    --json       results as JSON, no progress bar
  --trace      print what happened in each seed that failed

Exit code 1 if an invariant of sync/SPEC.md did not hold; the seeds are printed.`;

interface Range {
  from: number;
  to: number;
}
interface Failure {
  seed: number;
  violations: string[];
  trace: string[];
}
type Message = { done: number } | { failure: Failure };

const reportEvery = 100;

const runRange = async ({ from, to }: Range, tell: (message: Message) => void): Promise<void> => {
  let done = 0;
  for (let seed = from; seed < to; seed++) {
    const { violations, trace } = await simulate(seed);
    if (violations.length > 0) tell({ failure: { seed, violations, trace } });
    if (++done % reportEvery === 0 || seed === to - 1) {
      tell({ done });
      done = 0;
    }
  }
};

const main = async (): Promise<void> => {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "2000" },
      from: { type: "string", default: "1" },
      workers: { type: "string", default: String(availableParallelism()) },
      json: { type: "boolean", default: false },
      trace: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const [seeds, from, workers] = [values.seeds, values.from, values.workers].map(Number);
  if (values.help || !seeds || !workers || from === undefined || Number.isNaN(from)) {
    console.log(help);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const startedMs = performance.now();
  const failures: Failure[] = [];
  const bar = values.json ? undefined : new SingleBar({ format: "{bar} {value}/{total} seeds, {eta} s left" });
  bar?.start(seeds, 0);
  const each = Math.ceil(seeds / workers);
  const ranges = Array.from({ length: workers }, (_, i) => ({
    from: from + i * each,
    to: Math.min(from + (i + 1) * each, from + seeds),
  })).filter((range) => range.from < range.to);
  await Promise.all(
    ranges.map(
      (range) =>
        new Promise<void>((resolve, reject) => {
          const worker = new Worker(new URL(import.meta.url), { workerData: range });
          worker.on("message", (message: Message) => {
            if ("done" in message) bar?.increment(message.done);
            else failures.push(message.failure);
          });
          worker.on("error", reject);
          worker.on("exit", () => resolve());
        }),
    ),
  );
  bar?.stop();
  const seconds = Math.round(performance.now() - startedMs) / 1000;
  failures.sort((a, b) => a.seed - b.seed);
  if (values.json) console.log(JSON.stringify({ seeds, from, seconds, failures }));
  else {
    console.log(`${seeds} seeds from ${from} in ${seconds} s: ${failures.length} failed`);
    for (const { seed, violations, trace } of failures) {
      console.log(`seed ${seed}: ${violations.join("; ")}`);
      if (values.trace) console.log(trace.map((line) => `  ${line}`).join("\n"));
    }
  }
  process.exitCode = failures.length > 0 ? 1 : 0;
};

if (isMainThread) await main();
else await runRange(workerData as Range, (message) => parentPort!.postMessage(message));
