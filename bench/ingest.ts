import type { ArrivalsResponse } from "#protocol/arrivals.ts";
import { openRawTable } from "./limits.ts";
import { interleaved, type Measurement, offLimit } from "./measurement.ts";
import { openPushLine, type WrittenPush, writeOut } from "./push-line.ts";
import { type PreparedPush, prepare } from "./pushes.ts";
import { hosts, progress, type Rig, withRig } from "./rig.ts";

const connections = 32;
const turns = 7;

/** Entries through the whole path, against bare inserts of the same bytes into the same cluster. */
export const ingest = (): Promise<Measurement[]> =>
  withRig(connections, async (rig) => {
    const raw = await openRawTable(rig.adminUrl, connections);
    const batch = await rate(rig, "batch", { entries: 1_000, perPush: 100, perRecord: 100 }, (texts) =>
      raw.batches(texts, 100),
    );
    const single = await rate(rig, "single", { entries: 240, perPush: 1, perRecord: 40 }, (texts) =>
      raw.singles(texts),
    );
    await raw.close();
    return [
      {
        name: "ingest.batch",
        unit: "entries/s",
        better: "more",
        ...batch,
        goal: "≥ 0.3 of the limit, aim 0.6",
        note: `batches of 100 from ${connections} devices, a record each; limit: unnest of binary arrays, batches of 100, ${connections} connections${offLimit(batch.limits, 105_000)}`,
      },
      {
        name: "ingest.single",
        unit: "entries/s",
        better: "more",
        ...single,
        goal: "≥ 0.4 of the limit, aim 0.55",
        note: `one entry a push from ${connections} devices, 40 to a record; limit: single-row inserts on ${connections} connections${offLimit(single.limits, 10_000)}`,
      },
    ];
  });

const rate = async (
  rig: Rig,
  name: string,
  sizes: { entries: number; perPush: number; perRecord: number },
  limit: (texts: string[]) => Promise<number>,
) => {
  const lines = await Promise.all(rig.devices.map(() => openPushLine(rig.ports.crew)));
  const host = `${hosts.crew}:${rig.ports.crew}`;
  const nextWork = () =>
    Promise.all(rig.devices.map(async (device) => (await prepare(device, sizes)).map((push) => writeOut(push, host))));
  const pushAll = async (work: WrittenPush[][]): Promise<number> => {
    const started = performance.now();
    await Promise.all(
      work.map(async (pushes, i) => {
        for (const push of pushes) await lines[i]!.send(push);
      }),
    );
    const seconds = (performance.now() - started) / 1000;
    for (const line of lines) line.check();
    return work.flat().reduce((sum, push) => sum + push.texts.length, 0) / seconds;
  };
  // A server that has just started compiles as it goes; its first second is not its speed.
  await pushAll(await nextWork());
  let work = await nextWork();
  const result = await interleaved(
    turns,
    async () => {
      const perSecond = await pushAll(work);
      progress(`ingest.${name}: ${Math.round(perSecond)} entries/s`);
      await onBoard(rig, work.flat());
      work = await nextWork();
      return perSecond;
    },
    () => limit(work.flat().flatMap((push) => push.texts)),
  );
  for (const line of lines) line.close();
  return result;
};

/** The clock stops at the acknowledgement because the projection is then readable: every record pushed is on the board. */
const onBoard = async (rig: Rig, pushes: readonly PreparedPush[]): Promise<void> => {
  const client = rig.care(1);
  const { body } = await client.get("/arrivals/v1", rig.screen);
  client.close();
  const shown = new Set((JSON.parse(body) as ArrivalsResponse).arrivals.map(({ recordId }) => recordId));
  const missing = pushes.find(({ recordId }) => !shown.has(recordId));
  if (missing) throw new Error(`record ${missing.recordId} was acknowledged and is not on the board`);
};
