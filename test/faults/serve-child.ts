import { join } from "node:path";
import { readConfig } from "#server/config.ts";
import { startServer } from "#server/main.ts";
import { startEmbedded } from "#server/postgres/embedded.ts";

/**
 * A server of its own process on HOLDFAST_DATA, to be killed. Prints its ports as one line of JSON. With fsync=off as its
 * argument PostgreSQL lies about durability: the control that must lose data.
 */
const directory = process.env["HOLDFAST_DATA"]!;
const fsync = process.argv[2] !== "fsync=off";
const embedded = await startEmbedded(join(directory, "postgres"), join(directory, "secrets", "postgres-admin"), { fsync });
const server = await startServer(readConfig({ ...process.env, DATABASE_URL: embedded.url }));
console.log(JSON.stringify(server.ports));
