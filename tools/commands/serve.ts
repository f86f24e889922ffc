import { parseArgs } from "node:util";
import { readConfig, settingsHelp } from "#server/config.ts";
import { startServer } from "#server/main.ts";
import type { Command } from "../holdfast.ts";
import { untilStopped } from "./until-stopped.ts";

export const serveCommand: Command = {
  summary: "runs the zones of both demonstration trusts until it is stopped",
  help: `holdfast serve [--zones app,crew,care,control] [--json]

Runs the named zones (all by default) in one process, without the demonstration shift. Several processes may share one
DATABASE_URL and one HOLDFAST_DATA, each with zones of its own.

  --zones   comma-separated: app, crew, care, control
  --json    prints the addresses as one JSON line

Settings (environment):
${settingsHelp}`,
  run: async (args) => {
    const { values } = parseArgs({ args, options: { zones: { type: "string" }, json: { type: "boolean" } } });
    const config = readConfig(process.env, values.zones?.split(","));
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
