import { createServer } from "node:net";

/** These ports, and any free one for each that is 0 or taken. */
export const freePorts = (wanted: readonly number[]): Promise<number[]> =>
  Promise.all(wanted.map(async (port) => (await bound(port)) ?? (await bound(0))!));

/** The port, if nobody listens there; 0 finds one. */
const bound = (port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const probe = createServer().once("error", () => resolve(undefined));
    probe.listen(port, "127.0.0.1", () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
