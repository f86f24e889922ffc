import { readConfig } from "#server/config.ts";
import { startServer } from "#server/main.ts";

/**
 * A server of its own process on HOLDFAST_DATA, to be killed. Prints its ports as one line of JSON. With fsync=off as its
 * argument PostgreSQL lies about durability: the control that must lose data.
 */
const server = await startServer(readConfig(process.env), { embedded: { fsync: process.argv[2] !== "fsync=off" } });
console.log(JSON.stringify(server.ports));
