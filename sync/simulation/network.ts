import type { PullResponse } from "#protocol/pull.ts";
import type { PushRequest } from "#protocol/push.ts";
import { type Transport, TransportFailure } from "../ports.ts";
import type { Life } from "./scheduler.ts";
import type { SimServer } from "./sim-server.ts";
import { flip, type World } from "./world.ts";

export interface Route {
  partitioned: boolean;
}

/** The way from one device's life to the base: loses, repeats, delays and changes messages; now and then it leads to a zombie. */
export const createNetwork = (
  world: World,
  base: SimServer,
  zombie: () => SimServer | undefined,
  route: Route,
  life: Life,
): Transport => {
  const { scheduler, rng, forever } = world;

  const send = async <T>(call: (server: SimServer) => Promise<T>): Promise<T> => {
    await scheduler.pause(forever, 60);
    const astray = rng.chance(world.weather.astray) ? zombie() : undefined;
    const server = astray ?? base;
    if (route.partitioned || rng.chance(world.weather.requestLost)) return lost();
    if (rng.chance(world.weather.duplicated)) void again(server, call);
    const response = await server.call(() => call(server));
    await scheduler.pause(life, 60);
    if (route.partitioned || rng.chance(world.weather.responseLost)) return lost();
    return response;
  };
  const again = async <T>(server: SimServer, call: (server: SimServer) => Promise<T>): Promise<void> => {
    await scheduler.pause(forever, 3_000);
    await server.call(() => call(server)).catch(() => undefined);
  };
  const lost = async (): Promise<never> => {
    await scheduler.pause(life, 500);
    throw new TransportFailure("unreachable", "No answer.");
  };
  const isFlipped = (): boolean => {
    if (world.flipsLeft === 0 || !rng.chance(world.weather.flipped)) return false;
    world.flipsLeft--;
    return true;
  };

  return {
    push: (request) => {
      const sent = isFlipped() ? changedPush(world, request) : request;
      return send((server) => server.push(sent));
    },
    pull: async (request) => {
      const response = await send((server) => server.pull(request));
      return isFlipped() ? changedPull(world, response) : response;
    },
    heads: (request) => send((server) => server.heads(request)),
  };
};

const changedPush = ({ rng, log }: World, request: PushRequest): PushRequest => {
  const changed = structured(request);
  const run = rng.pick(changed.chains);
  const what = rng.below(3);
  if (what === 0) run.head.signature = flip(rng, run.head.signature);
  else if (what === 1) run.head.hash = flip(rng, run.head.hash);
  else {
    const i = rng.below(run.entries.length);
    run.entries[i] = flip(rng, run.entries[i]!);
  }
  log(`a byte of a push changed on the way (${what})`);
  return changed;
};

const changedPull = ({ rng, log }: World, response: PullResponse): PullResponse => {
  const changed = structured(response);
  const lines = Object.values(changed.records).flatMap((r) => ("lines" in r ? r.lines : []));
  if (lines.length === 0) return changed;
  const line = rng.pick(lines);
  const what = rng.below(3);
  if (what === 0) line.entry = flip(rng, line.entry);
  else if (what === 1) line.hash = flip(rng, line.hash);
  else if (line.signature) line.signature = flip(rng, line.signature);
  log(`a byte of a pull changed on the way (${what})`);
  return changed;
};

const structured = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
