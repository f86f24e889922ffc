import type { PullResponse } from "#protocol/pull.ts";
import type { Cursor } from "#protocol/server-state.ts";
import { protocolVersion } from "#protocol/version.ts";
import { openRawTable } from "./limits.ts";
import { inParallel, type LoadClient } from "./load.ts";
import { interleaved, type Measurement, percentile } from "./measurement.ts";
import { type PreparedPush, prepare, pushAccepted } from "./pushes.ts";
import { progress, type Rig, withRig } from "./rig.ts";
import { signedInByGrant } from "./sign-in.ts";
import type { LoadDevice } from "./workload.ts";

const entries = 10_000;
const perRecord = 100;
const linesPerPage = 500;

/** A tablet that starts empty reads 10,000 entries, page by page. */
export const pull = (): Promise<Measurement[]> =>
  withRig(1, async (rig) => {
    const pushes = await seed(rig, { entries, perPush: perRecord, perRecord });
    const raw = await openRawTable(rig.adminUrl, 1);
    await raw.batches(
      pushes.flatMap((push) => push.texts),
      100,
    );
    const client = rig.crew(1);
    const tablet = (await signedInByGrant(client, rig.devices[0]!))!;
    const recordIds = pushes.map((push) => push.recordId);
    const run = async () => {
      const started = performance.now();
      const pulled = await pullAll(client, tablet, recordIds);
      const perSecond = entries / ((performance.now() - started) / 1000);
      if (pulled !== entries) throw new Error(`${pulled} of ${entries} entries were pulled`);
      progress(`pull: ${Math.round(perSecond)} entries/s`);
      return perSecond;
    };
    await run();
    const result = await interleaved(7, run, () => raw.pages(linesPerPage));
    client.close();
    await raw.close();
    return [
      {
        name: "pull",
        unit: "entries/s",
        better: "more",
        ...result,
        note: `${entries} entries of ${recordIds.length} records by one device, parsed; limit: the same bytes by key from a bare table, ${linesPerPage} a page, one connection`,
      },
    ];
  });

/** One device's records, stored. */
const seed = async (
  rig: Rig,
  sizes: { entries: number; perPush: number; perRecord: number },
): Promise<PreparedPush[]> => {
  const client = rig.crew(4);
  const pushes = await prepare(rig.devices[0]!, sizes);
  await inParallel(
    pushes.map((push) => () => pushAccepted(client, push)),
    4,
  );
  client.close();
  return pushes;
};

/** Pulls to the end of every record; resolves to how many different entries came. */
const pullAll = async (client: LoadClient, device: LoadDevice, recordIds: readonly string[]): Promise<number> => {
  const hashes = new Set<string>();
  let wanted: Record<string, Cursor> = Object.fromEntries(recordIds.map((id) => [id, { epoch: 0, position: 0 }]));
  while (Object.keys(wanted).length > 0) {
    const answer = await client.post(
      "/sync/v1/pull",
      JSON.stringify({ protocol: protocolVersion, records: wanted }),
      device,
    );
    if (answer.status !== 200) throw new Error(`pull answered ${answer.status}: ${answer.body.slice(0, 300)}`);
    const { records } = JSON.parse(answer.body) as PullResponse;
    const next: typeof wanted = {};
    for (const [id, record] of Object.entries(records)) {
      if (!("lines" in record)) throw new Error(`the record ${id} was not given`);
      for (const line of record.lines) hashes.add(line.hash);
      if (record.more) next[id] = record.cursor;
    }
    wanted = next;
  }
  return hashes.size;
};

const readers = 32;

/** FHIR resources by id, as a hospital's system asks for them. */
export const fhir = (): Promise<Measurement[]> =>
  withRig(1, async (rig) => {
    const pushes = await seed(rig, { entries: 2_000, perPush: 40, perRecord: 40 });
    const paths = pushes.map((push) => `/fhir/R4/Encounter/${push.recordId}`);
    const client = rig.care(readers);
    const screen = await rig.withDoctor(rig.screen);
    const times: number[] = [];
    const get = async (path: string) => {
      const started = performance.now();
      const answer = await client.get(path, screen);
      times.push(performance.now() - started);
      if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.body.slice(0, 300)}`);
    };
    const reads = 960;
    const perSecond = async (pathAt: (i: number) => string) =>
      reads /
      (await inParallel(
        Array.from({ length: reads }, (_, i) => () => get(pathAt(i))),
        readers,
      ));
    const read = () => perSecond((i) => paths[i % paths.length]!);
    await read();
    times.length = 0;
    const latencies: number[] = [];
    const result = await interleaved(
      7,
      async () => {
        times.length = 0;
        const rate = await read();
        latencies.push(...times);
        progress(`fhir.read: ${Math.round(rate)} reads/s`);
        return rate;
      },
      () => perSecond(() => "/healthz"),
    );
    client.close();
    return [
      {
        name: "fhir.read",
        unit: "reads/s",
        better: "more",
        ...result,
        note: `Encounter by id at ${readers} clients, records of 40 entries; p95 ${percentile(latencies, 95).toFixed(0)} ms of ${latencies.length}; limit: the same listener's empty answer`,
      },
    ];
  });
