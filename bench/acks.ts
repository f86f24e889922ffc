import { once } from "node:events";
import WebSocket from "ws";
import { type Poke, pokeSubprotocol } from "#protocol/poke.ts";
import { openRawTable } from "./limits.ts";
import type { LoadClient } from "./load.ts";
import { interleaved, type Measurement, median, offLimit, percentile } from "./measurement.ts";
import { openPushLine, type PushLine, type WrittenPush, writeOut } from "./push-line.ts";
import { type PreparedPush, prepare, pushAccepted } from "./pushes.ts";
import { hosts, progress, type Rig, withRig } from "./rig.ts";

const perTurn = 200;
const turns = 9;
const perRecord = 40;

/** How long a crew waits for the acknowledgement of one entry, when nobody else writes. */
export const ack = (): Promise<Measurement[]> =>
  withRig(1, async (rig) => {
    const raw = await openRawTable(rig.adminUrl, 1);
    const line = await openPushLine(rig.ports.crew);
    const host = `${hosts.crew}:${rig.ports.crew}`;
    const sizes = { entries: perTurn, perPush: 1, perRecord };
    const next = async () => (await prepare(rig.devices[0]!, sizes)).map((push) => writeOut(push, host));
    await p50Of(line, await next());
    let pushes = await next();
    const result = await interleaved(
      turns,
      async () => {
        const p50 = await p50Of(line, pushes);
        progress(`ack.single: p50 ${p50.toFixed(2)} ms`);
        pushes = await next();
        return p50;
      },
      async () => median(await raw.commits(pushes.flatMap((push) => push.texts))),
    );
    line.close();
    await raw.close();
    return [
      {
        name: "ack.single",
        unit: "ms",
        better: "less",
        ...result,
        goal: "≤ 3 × the limit (ratio ≥ 0.33)",
        note: `p50 of ${perTurn} pushes of one entry by one device; limit: p50 of single-row commits on one connection${offLimit(result.limits, 0.31)}`,
      },
    ];
  });

const p50Of = async (line: PushLine, pushes: readonly WrittenPush[]): Promise<number> => {
  const times: number[] = [];
  for (const push of pushes) {
    const started = performance.now();
    await line.send(push);
    times.push(performance.now() - started);
  }
  line.check();
  return median(times);
};

const pokesPerRun = 150;

/** From a tablet's acknowledgement until the hospital's screen has heard of it. */
export const poke = (): Promise<Measurement[]> =>
  withRig(1, async (rig) => {
    const device = rig.devices[0]!;
    const client = rig.crew(1);
    const delays: number[][] = [];
    for (let run = 0; run < 5; run++) {
      const pushes = await prepare(device, { entries: pokesPerRun + 10, perPush: 1, perRecord: 1_000 });
      // The first entries name the site, without which a screen may not watch the record.
      for (const push of pushes.slice(0, 10)) await pushAccepted(client, push);
      const ears = await listen(rig, pushes[0]!.recordId);
      delays.push(await delaysOf(client, pushes.slice(10), ears));
      ears.close();
      progress(`poke.p95: ${percentile(delays.at(-1)!, 95).toFixed(1)} ms`);
    }
    client.close();
    return [
      {
        name: "poke.p95",
        unit: "ms",
        better: "less",
        runs: delays.map((run) => percentile(run, 95)),
        goal: "≤ 50 ms",
        note: `acknowledged at a tablet → heard on a screen's socket; p95 of ${pokesPerRun} a run; 0 is a poke that came before the answer; max ${Math.max(...delays.flat()).toFixed(1)} ms`,
      },
    ];
  });

interface Ears {
  /** Calls back with each poke of the record. */
  onHeard: (position: number) => void;
  close(): void;
}

const listen = async (rig: Rig, recordId: string): Promise<Ears> => {
  const client = rig.care(1);
  const protocols = [pokeSubprotocol, ...(await client.subprotocols("/sync/v1/poke", rig.screen))];
  client.close();
  const socket = new WebSocket(`ws://127.0.0.1:${rig.ports.care}/sync/v1/poke`, protocols, {
    headers: { host: `${hosts.care}:${rig.ports.care}` },
  });
  const ears: Ears = { onHeard: () => {}, close: () => socket.close() };
  socket.on("message", (data) => {
    const heard = JSON.parse(String(data)) as Poke;
    if (heard.poke === "record" && heard.recordId === recordId) ears.onHeard(heard.position);
  });
  await once(socket, "open");
  socket.send(JSON.stringify({ watch: [recordId] }));
  return ears;
};

const delaysOf = async (client: LoadClient, pushes: readonly PreparedPush[], ears: Ears): Promise<number[]> => {
  const delays: number[] = [];
  let isWatching = false;
  for (const push of pushes) {
    let heardAt: number | undefined;
    const heard = new Promise<void>((resolve) => {
      ears.onHeard = () => {
        heardAt = performance.now();
        resolve();
      };
    });
    await pushAccepted(client, push);
    const acknowledgedAt = performance.now();
    // The server does not answer a watch: until its first poke a push may come too early to be heard.
    const patience = new Promise((resolve) => setTimeout(resolve, isWatching ? 5_000 : 200));
    await Promise.race([heard, patience]);
    if (heardAt === undefined && isWatching) throw new Error("a poke did not come within 5 s");
    if (heardAt !== undefined && isWatching) delays.push(Math.max(0, heardAt - acknowledgedAt));
    isWatching ||= heardAt !== undefined;
  }
  return delays;
};
