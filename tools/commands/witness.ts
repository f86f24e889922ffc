import { parseArgs } from "node:util";
import { witnessNameDefault as nameDefault } from "#server/heads/witness-key.ts";
import { startWitness } from "#server/heads/witness-server.ts";
import type { Command } from "../holdfast.ts";
import { untilStopped } from "./until-stopped.ts";
import { wholeNumber } from "./whole-number.ts";

const portDefault = 7406;

export const witnessCommand: Command = {
  summary: "co-signs the heads of logs that go on from what it has seen, and no others",
  help: `holdfast witness --data DIR --log-key FILE [--log-key FILE …] [--name ${nameDefault}]
                 [--port ${portDefault}] [--bind 127.0.0.1] [--json]

Runs a witness until it is stopped. It belongs to somebody else than the trust's own servers: another machine, account and owner. It is told
sizes and roots, never a line of a log; it needs no secret, since it signs nothing but a head that the log key signed and that
goes on from every head it has signed before (C2SP tlog-witness). Do not copy its directory back to an older state.

  --data     its directory: its key, made at the first start, and the last head of each log. One process a directory
  --log-key  <trust>.log-key, as \`holdfast archive init\` made it
  --name     as others know it; each witness has its own
  --port     0 is any free port
  --json     prints port and key as one JSON line

At its start it prints what HOLDFAST_WITNESSES at the base, and a verifier, are given.
Exit codes: 0 stopped; 2 wrongly called; 3 something to put right first.`,
  run: async (args) => {
    const { values } = parseArgs({
      args,
      options: {
        data: { type: "string" },
        "log-key": { type: "string", multiple: true },
        name: { type: "string" },
        port: { type: "string" },
        bind: { type: "string" },
        json: { type: "boolean" },
      },
    });
    const { data, name = nameDefault, bind = "127.0.0.1" } = values;
    const logKeyFiles = values["log-key"] ?? [];
    if (data === undefined || logKeyFiles.length === 0 || /[\s+@,]/.test(name)) {
      console.error("Say where its data is, and whose logs it watches: holdfast witness --data DIR --log-key FILE.");
      return 2;
    }
    const port = wholeNumber(values.port, portDefault, 0, 65_535);
    const server = await startWitness({ directory: data, name, logKeyFiles, bind, port });
    const { verifier } = server;
    if (values.json) console.log(JSON.stringify({ port: server.port, verifier }));
    else
      console.log(
        `The witness listens on port ${server.port}. Ctrl-C stops.\n  HOLDFAST_WITNESSES=${verifier}@http://${bind}:${server.port}`,
      );
    await untilStopped(server);
    return 0;
  },
};
