import { parseArgs } from "node:util";
import { initArchive } from "#server/archive/init.ts";
import { readConfig } from "#server/config.ts";
import { trusts } from "#server/trusts.ts";
import type { Command } from "../holdfast.ts";

export const archiveCommand: Command = {
  summary: "makes the archive's keys: who can open it, and who cannot",
  help: `holdfast archive init --letterbox DIR --standby DIR --officers DIR

Run once on the base, before HOLDFAST_LETTERBOX is set. The base keeps public keys and cannot read back what it seals.

  --letterbox  its secrets, and the log keys that sign segments: take it to the letterbox's machine
  --standby    the standby's identity, which opens the archive, and its secret: take it to the standby's machine
  --officers   three shares for each trust, of which any two open the archive. Print them, give each officer one, and remove
               the files

Nothing that is there is overwritten. Exit codes: 0 done; 2 wrongly called; 3 something to put right first.
Settings: HOLDFAST_DATA (see \`holdfast serve --help\`).`,
  run: async (args) => {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { letterbox: { type: "string" }, standby: { type: "string" }, officers: { type: "string" } },
    });
    const { letterbox, standby, officers } = values;
    const isWhole =
      positionals.join() === "init" && letterbox !== undefined && standby !== undefined && officers !== undefined;
    if (!isWhole) {
      console.error("Say where each part goes: holdfast archive init --letterbox DIR --standby DIR --officers DIR.");
      return 2;
    }
    const base = readConfig(process.env).dataDirectory;
    await initArchive(
      { base, letterbox, standby, officers },
      trusts.map(({ trust }) => trust),
    );
    console.log(
      `Done. Take ${letterbox} and ${standby} to their machines; print what is in ${officers}, and remove it.`,
    );
    return 0;
  },
};
