import { parseArgs } from "node:util";
import { readConfig, settingsHelp } from "#server/config.ts";
import { startServer } from "#server/main.ts";
import { rolesOfZone } from "#server/postgres/zone-pools.ts";
import { zones } from "#server/trusts.ts";
import type { Command } from "../holdfast.ts";
import { untilStopped } from "./until-stopped.ts";

export const serveCommand: Command = {
  summary: "runs the zones of both demonstration trusts until it is stopped",
  help: `holdfast serve [--zones ${zones.join(",")}] [--json]

Runs the named zones (all by default) in one process, without the demonstration shift. Several processes may share one
database, each with zones of its own; the settings of ports are the same in each. A process whose DATABASE_URL names no user
prepares nothing: it needs of HOLDFAST_DATA the keys, and of its secrets only the passwords of its zones' database roles:

${Object.entries(rolesOfZone)
  .map(([zone, roles]) => `  ${zone.padEnd(9)} ${roles.join(", ") || "none, and no database"}`)
  .join("\n")}

  --zones   comma-separated
  --json    prints the addresses as one JSON line

Settings (environment):
${settingsHelp}`,
  run: async (args) => {
    const { values } = parseArgs({ args, options: { zones: { type: "string" }, json: { type: "boolean" } } });
    const config = readConfig(process.env, values.zones?.split(","));
    if (config.isInsecureAllowed && config.tlsDirectory === undefined)
      console.error(
        "HOLDFAST_INSECURE=1: plain HTTP. Whoever is on the way reads everything, unless a proxy ends TLS.",
      );
    const server = await startServer(config);
    const { addresses, ports } = server;
    if (values.json) console.log(JSON.stringify({ addresses, ports }));
    else {
      console.log(`Serving ${config.zones.join(", ")}. Ctrl-C stops.`);
      if (ports.app > 0)
        console.log(
          `  tablet    ${addresses.tablet}\n  hospital  ${addresses.hospital}\n  desk      ${addresses.control}`,
        );
      for (const { name, crew, care, control } of addresses.cells) {
        console.log(`  ${name}`);
        if (ports.crew > 0) console.log(`    crew    ${crew}`);
        if (ports.care > 0) console.log(`    care    ${care}`);
        if (ports.control > 0) console.log(`    control ${control}`);
      }
    }
    await untilStopped(server);
    return 0;
  },
};
