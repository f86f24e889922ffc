import type { ServerConfig } from "../config.ts";
import { type RunningServer, type ServerSeams, startServer } from "../main.ts";

/**
 * A standby that starts again, on the same ports, each time that the officers made it the base of a trust: from then on it serves that
 * trust as its base, and is the others' standby. The server is filled in anew each time.
 */
export const startStandbyServer = async (config: ServerConfig, seams: ServerSeams = {}): Promise<RunningServer> => {
  const first = await startServer(config, seams);
  const settled: ServerConfig = { ...config, ports: { ...config.ports, ...boundOf(first) } };
  let isStopping = false;
  let changing: Promise<void> = Promise.resolve();
  const change = async (): Promise<void> => {
    if (isStopping) return;
    await now.close();
    now = await startServer(settled, seams);
    take(now);
  };
  const take = (server: RunningServer): void => {
    Object.assign(standby, server, { close });
    server.onPromoted(() => {
      changing = changing.then(change);
    });
  };
  const close = async (): Promise<void> => {
    isStopping = true;
    // One that did not start again is closed already.
    const isUp = await changing.then(
      () => true,
      () => false,
    );
    if (isUp) await now.close();
  };
  let now = first;
  const standby = { ...first };
  take(first);
  return standby;
};

/** The zones that it runs; a port of 0 in the settings was any free one, which it keeps. */
const boundOf = ({ ports }: RunningServer): Partial<RunningServer["ports"]> =>
  Object.fromEntries(Object.entries(ports).filter(([, port]) => port > 0));
