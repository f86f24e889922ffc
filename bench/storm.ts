import { readFileSync } from "node:fs";
import pg from "pg";
import type { PushResponse } from "#protocol/push.ts";
import type { LoadClient } from "./load.ts";
import { type Measurement, percentile } from "./measurement.ts";
import { prepare } from "./pushes.ts";
import { progress, type Rig, withRig } from "./rig.ts";
import { type LoadDevice, newRecord, nextRun, pushBody, sha256 } from "./workload.ts";

/** A share of the full size, for a quick look: `HOLDFAST_BENCH_SCALE=0.1`. */
export const scale = Number(process.env.HOLDFAST_BENCH_SCALE ?? 1);
const tablets = Math.max(2, Math.round(500 * scale));
const recordsPerDevice = 25;
const perRecord = 40;
const recordsPerPush = 5;

interface Waiting {
  device: LoadDevice;
  bodies: string[];
}

/** Every tablet of a trust comes back at once after three days, while one crew goes on writing. */
export const storm = (): Promise<Measurement[]> =>
  withRig(tablets + 1, async (rig) => {
    const [open, ...returning] = rig.devices as [LoadDevice, ...LoadDevice[]];
    const hashes = new Set<string>();
    const waiting: Waiting[] = [];
    for (const device of returning) {
      waiting.push(await threeDaysOf(device, hashes));
      if (waiting.length % 100 === 0)
        progress(`storm: ${waiting.length} of ${tablets} tablets have written their three days`);
    }

    const crowd = rig.crew(tablets);
    const live = rig.crew(1);
    const acknowledged = new Set<string>();
    let refusals = 0;
    const send = (client: LoadClient, device: LoadDevice, body: string) =>
      untilTaken(client, device, body, acknowledged, () => refusals++);

    let isOver = false;
    const openTimes: number[] = [];
    const writing = (async () => {
      while (!isOver) {
        for (const push of await prepare(open, { entries: perRecord, perPush: 1, perRecord })) {
          hashes.add(sha256(push.texts[0]!));
          const started = performance.now();
          await send(live, open, push.body);
          openTimes.push(performance.now() - started);
          if (isOver) break;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
      }
    })();
    const report = setInterval(() => progress(`storm: ${acknowledged.size} of ${hashes.size} acknowledged`), 5_000);
    const started = performance.now();
    await Promise.all(
      waiting.map(async ({ device, bodies }) => {
        for (const body of bodies) await send(crowd, device, body);
      }),
    );
    const seconds = (performance.now() - started) / 1000;
    isOver = true;
    await writing;
    clearInterval(report);
    const peakMb = peakMemoryMb(rig.serverPid);
    crowd.close();
    live.close();
    const stored = await storedHashes(rig);
    const lost = [...acknowledged].filter((hash) => !stored.has(hash)).length;
    const size = `${tablets} tablets with ${recordsPerDevice * perRecord} entries each`;
    return [
      {
        name: "storm",
        unit: "entries/s",
        better: "more",
        runs: [(tablets * recordsPerDevice * perRecord) / seconds],
        note: `${size}, all at once, in ${seconds.toFixed(1)} s; ${refusals} pushes were told to come back later, and came`,
      },
      {
        name: "storm.open.p99",
        unit: "ms",
        better: "less",
        runs: [percentile(openTimes, 99)],
        goal: "≤ 5000 ms",
        note: `an open record's push meanwhile, with its waits; p99 of ${openTimes.length}; p50 ${percentile(openTimes, 50).toFixed(0)} ms`,
      },
      { name: "storm.memory", unit: "MB", better: "less", runs: [peakMb], note: "the server's peak (VmHWM)" },
      {
        name: "storm.lost",
        unit: "entries",
        better: "less",
        runs: [lost + (hashes.size - acknowledged.size)],
        goal: "0",
        note: `${hashes.size} written, ${acknowledged.size} acknowledged, ${stored.size} in the log`,
      },
    ];
  });

/** A tablet's records of three days, in pushes as full as a tablet makes them. */
const threeDaysOf = async (device: LoadDevice, hashes: Set<string>): Promise<Waiting> => {
  const bodies: string[] = [];
  for (let at = 0; at < recordsPerDevice; at += recordsPerPush) {
    const runs = [];
    for (let i = 0; i < recordsPerPush; i++) {
      const run = await nextRun(device, newRecord(), perRecord);
      for (const text of run.entries) hashes.add(sha256(text));
      runs.push(run);
    }
    bodies.push(pushBody(runs));
  }
  return { device, bodies };
};

const retryMsMin = 250;

/** Pushes until everything in it is acknowledged; waits as it is told to, with jitter, as a tablet does. */
const untilTaken = async (
  client: LoadClient,
  device: LoadDevice,
  body: string,
  acknowledged: Set<string>,
  onRefusal: () => void,
): Promise<void> => {
  for (;;) {
    const answer = await client.post("/sync/v1/push", body, device);
    if (answer.status === 200) {
      for (const { hash, answer: word } of (JSON.parse(answer.body) as PushResponse).answers)
        if (word === "accepted" || word === "duplicate") acknowledged.add(hash);
      return;
    }
    if (answer.status !== 503 && answer.status !== 429)
      throw new Error(`push answered ${answer.status}: ${answer.body.slice(0, 300)}`);
    onRefusal();
    const waitMs = Math.max(retryMsMin, Number(answer.retryAfter ?? 0) * 1_000);
    await new Promise((resolve) => setTimeout(resolve, waitMs * (1 + Math.random())));
  }
};

/** Most memory that a process ever held, MB. */
export const peakMemoryMb = (pid: number): number => statusMb(pid, "VmHWM");

export const memoryMb = (pid: number): number => statusMb(pid, "VmRSS");

const statusMb = (pid: number, field: string): number => {
  const kilobytes = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status does not tell ${field}`);
  return Number(kilobytes) / 1024;
};

/** Hashes of every line in the care log, read beside the server. */
const storedHashes = async (rig: Rig): Promise<Set<string>> => {
  const url = new URL(rig.adminUrl);
  url.pathname = "/holdfast_northmoor";
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  const { rows } = await client.query<{ hash: string }>("SELECT encode(hash, 'hex') AS hash FROM care_line");
  await client.end();
  return new Set(rows.map(({ hash }) => hash));
};
