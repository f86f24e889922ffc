import { readConfig } from "#server/config.ts";
import { startServer } from "#server/main.ts";

/** The rig switches the access log off to learn what it costs. A message at a time, each answered once it holds. */
let isLogging = true;
process.on("message", ({ logging }: { logging: boolean }) => {
  isLogging = logging;
  process.send?.({ logging });
});

/** The server in a process of its own, so that its memory and its core are its own. Prints its ports as one line of JSON. */
const server = await startServer(readConfig(process.env), {
  accessLog: (log) => ({ ...log, write: async (...line) => (isLogging ? log.write(...line) : undefined) }),
});
console.log(JSON.stringify(server.ports));
process.once("SIGTERM", async () => {
  await server.close();
  process.exit(0);
});
