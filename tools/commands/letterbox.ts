import { parseArgs } from "node:util";
import { startLetterbox } from "#server/archive/letterbox-server.ts";
import { trusts } from "#server/trusts.ts";
import type { Command } from "../holdfast.ts";
import { untilStopped } from "./until-stopped.ts";
import { wholeNumber } from "./whole-number.ts";

const portDefault = 7405;
/** Longer than any record is kept by law: the shortest life of a record's last copy is somebody's decision. */
const keepDaysDefault = 9_131;

export const letterboxCommand: Command = {
  summary: "takes what the base seals and gives it to whoever restores; nothing of it can be changed or removed",
  help: `holdfast letterbox --data DIR [--port ${portDefault}] [--bind 127.0.0.1] [--keep-days ${keepDaysDefault}] [--json]

Runs the letterbox until it is stopped. It belongs on another machine than the base, under an account of its own: nothing
connects from here to the base. A segment is taken if the trust's log key signed it and it goes on from the last; there is no
request that overwrites or deletes one. What is older than --keep-days is removed by its own timer, once a day.

  --data       its directory, with what \`holdfast archive init\` put there
  --port       0 is any free port
  --keep-days  the retention lock, in days
  --json       prints the port as one JSON line

Behind a proxy that ends TLS, unless base and standby reach it on this machine alone.
Exit codes: 0 stopped; 2 wrongly called; 3 something to put right first.`,
  run: async (args) => {
    const { values } = parseArgs({
      args,
      options: {
        data: { type: "string" },
        port: { type: "string" },
        bind: { type: "string" },
        "keep-days": { type: "string" },
        json: { type: "boolean" },
      },
    });
    if (values.data === undefined) {
      console.error("Say where its data is: holdfast letterbox --data DIR.");
      return 2;
    }
    const server = await startLetterbox({
      directory: values.data,
      bind: values.bind ?? "127.0.0.1",
      port: wholeNumber(values.port, portDefault, 0, 65_535),
      keepDays: wholeNumber(values["keep-days"], keepDaysDefault, 1, 100_000),
      trusts: trusts.map(({ trust }) => trust),
    });
    if (values.json) console.log(JSON.stringify({ port: server.port }));
    else console.log(`The letterbox listens on port ${server.port}. Ctrl-C stops.`);
    await untilStopped(server);
    return 0;
  },
};
