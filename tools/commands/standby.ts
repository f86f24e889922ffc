import { parseArgs } from "node:util";
import { readStandbyConfig } from "#server/config.ts";
import { startStandbyServer } from "#server/standby/standby-server.ts";
import type { Command } from "../holdfast.ts";
import { untilStopped } from "./until-stopped.ts";

export const standbyCommand: Command = {
  summary: "serves what the archive has, read-only, and holds what is pushed to it for the base",
  help: `holdfast standby [--json]

Follows the archive and answers tablets and hospital screens under host names of its own, crew.<trust>.standby.<domain>: what it
shows is as of the last segment, and says so. It checks every line before it shows it; at the first of a log that is not good it stops
there, and goes on serving what came before. What is pushed to it is kept durably and shown, and is acknowledged by the base alone.

It belongs on another machine than the base, with a HOLDFAST_DATA of its own, which holds what \`holdfast archive init\` put into its
folder \`standby\`: the secret to read the letterbox with, an identity for each trust, and the trusts' log keys. It needs nothing of
the base, and the base needs nothing of it but HOLDFAST_STANDBY, so that tablets and screens know where it is.

  --json    prints the addresses as one JSON line

Settings: HOLDFAST_DATA, HOLDFAST_LETTERBOX (its address), HOLDFAST_DOMAIN and HOLDFAST_APP_PORT as at the base, HOLDFAST_CREW_PORT (7411),
HOLDFAST_CARE_PORT (7412), HOLDFAST_CONTROL_PORT (7413); \`holdfast serve --help\` lists all.
Exit codes: 0 stopped; 2 wrongly called; 3 something to put right first.`,
  run: async (args) => {
    const { values } = parseArgs({ args, options: { json: { type: "boolean" } } });
    const server = await startStandbyServer(readStandbyConfig(process.env));
    const { addresses, ports } = server;
    if (values.json) console.log(JSON.stringify({ addresses, ports }));
    else
      console.log(
        [
          "The standby follows the archive. Ctrl-C stops.",
          ...addresses.cells.map(
            ({ name, crew, care, control }) =>
              `  ${name}\n    crew    ${crew}\n    care    ${care}\n    control ${control}`,
          ),
        ].join("\n"),
      );
    await untilStopped(server);
    return 0;
  },
};
