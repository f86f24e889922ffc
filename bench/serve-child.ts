import { readConfig } from "#server/config.ts";
import { startServer } from "#server/main.ts";

/** The server in a process of its own, so that its memory and its core are its own. Prints its ports as one line of JSON. */
const server = await startServer(readConfig(process.env));
console.log(JSON.stringify(server.ports));
process.once("SIGTERM", async () => {
  await server.close();
  process.exit(0);
});
