import { readConfig } from "#server/config.ts";
import type { SessionStart } from "#server/identity/sessions.ts";
import { startServer } from "#server/main.ts";

/** What the rig asks of its server beside the wire, a message at a time, each answered once it is done. */
export type Order =
  /** The access log off, to learn what it costs. */
  | { logging: boolean }
  /** A person at a screen, as any way of signing in lets them in. */
  | { trust: string; signIn: SessionStart };

let isLogging = true;
/** The server in a process of its own, so that its memory and its core are its own. Its first message tells its ports. */
const server = await startServer(readConfig(process.env), {
  accessLog: (log) => ({ ...log, write: async (...line) => (isLogging ? log.write(...line) : undefined) }),
});
process.on("message", async (order: Order) => {
  if ("logging" in order) {
    isLogging = order.logging;
    process.send?.({});
  } else process.send?.(await server.cells.get(order.trust)!.sessions.open(order.signIn));
});
process.send?.(server.ports);
process.once("SIGTERM", async () => {
  await server.close();
  process.exit(0);
});
