import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { inParallel } from "./load.ts";
import { interleaved, type Measurement, percentile } from "./measurement.ts";
import { type PreparedPush, prepare, pushAccepted } from "./pushes.ts";
import { progress, type Rig, withRig } from "./rig.ts";
import { scale } from "./storm.ts";

const tablets = 32;
const turns = 11;
const perPush = 100;
/** From each tablet in one turn: some seconds of ingest, so that most of a turn's segments are sealed while it lasts. */
const perTablet = perPush * Math.max(5, Math.round(30 * scale));

/** What sealing into the archive costs the ingest of batches, and how long the archive is behind meanwhile. */
export const archive = (): Promise<Measurement[]> =>
  withRig(tablets, (plain) => withRig(tablets, (sealing) => measure(plain, sealing), { archived: true }));

const measure = async (plain: Rig, sealing: Rig): Promise<Measurement[]> => {
  const lags: number[][] = [];
  // A server that has just started compiles as it goes.
  for (const rig of [plain, sealing]) await pushAll(rig, await workOf(rig));
  let sealed = await caughtUp(sealing);
  const cost = await interleaved(
    turns,
    async () => {
      const perSecond = await pushAll(sealing, await workOf(sealing));
      const last = await caughtUp(sealing);
      lags.push(await waitsOf(sealing, sealed, last));
      sealed = last;
      progress(`archive: ${Math.round(perSecond)} entries/s; p99 ${percentile(lags.at(-1)!, 99)} ms behind`);
      return perSecond;
    },
    async () => pushAll(plain, await workOf(plain)),
  );
  return [
    {
      name: "archive.cost",
      unit: "entries/s",
      better: "more",
      ...cost,
      goal: "≥ 0.8 of the limit, aim 0.9",
      note: `ingest with the archiver on, batches of ${perPush} from ${tablets} devices, ${tablets * perTablet} entries a turn; limit: the same with it off, on a server and a database like it`,
    },
    {
      name: "archive.lag",
      unit: "ms",
      better: "less",
      runs: lags.map((waits) => percentile(waits, 99)),
      goal: "≤ 5000 ms",
      note: `a line's time in the log → its segment's file in the letterbox, during that; p99 of each turn; p50 ${percentile(lags.flat(), 50)} ms, most ${percentile(lags.flat(), 100)} ms`,
    },
  ];
};

const workOf = async (rig: Rig): Promise<PreparedPush[]> => {
  const sizes = { entries: perTablet, perPush, perRecord: perPush };
  return (await Promise.all(rig.devices.map((device) => prepare(device, sizes)))).flat();
};

/** Entries a second until the last acknowledgement. */
const pushAll = async (rig: Rig, work: readonly PreparedPush[]): Promise<number> => {
  const client = rig.crew(tablets);
  const jobs = work.map((push) => () => pushAccepted(client, push));
  const seconds = await inParallel(jobs, tablets);
  client.close();
  return (work.length * perPush) / seconds;
};

interface SegmentFile {
  last: number;
  /** When its name was there, ms since 1970; the letterbox has flushed it by then. */
  takenMs: number;
}
const segmentsOf = ({ segments }: Rig): SegmentFile[] => {
  const folder = join(segments, "northmoor", "care");
  return readdirSync(folder)
    .filter((name) => name.endsWith(".segment") && !name.startsWith("."))
    .sort()
    .map((name) => ({ last: Number(name.split(/[-.]/)[1]), takenMs: statSync(join(folder, name)).ctimeMs }));
};

/** Waits until the letterbox has all of the care log; resolves to the last line. */
const caughtUp = async (rig: Rig): Promise<number> => {
  const [head] = await ask<{ position: string }>(rig, "SELECT position FROM log_head WHERE log = 'care'");
  const last = Number(head!.position);
  while ((segmentsOf(rig).at(-1)?.last ?? 0) < last) await delay(50);
  return last;
};

/** How long each line after one position up to another waited, ms. */
const waitsOf = async (rig: Rig, after: number, last: number): Promise<number[]> => {
  const text = "SELECT position, received FROM care_line WHERE position > $1 AND position <= $2 ORDER BY position";
  const rows = await ask<{ position: string; received: Date }>(rig, text, [after, last]);
  const segments = segmentsOf(rig);
  let at = 0;
  return rows.map(({ position, received }) => {
    while (segments[at]!.last < Number(position)) at += 1;
    return Math.round(segments[at]!.takenMs - received.getTime());
  });
};

const ask = async <Row extends pg.QueryResultRow>(rig: Rig, text: string, values: unknown[] = []): Promise<Row[]> => {
  const url = new URL(rig.adminUrl);
  url.pathname = "/holdfast_northmoor";
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
};
