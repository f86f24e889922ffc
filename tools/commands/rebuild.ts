import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { readConfig } from "#server/config.ts";
import { openCluster } from "#server/postgres/cluster.ts";
import { type Rebuilt, rebuild } from "#server/projection/rebuild.ts";
import { createKeyRing } from "#server/sealing/key-ring.ts";
import { fileTrustKey } from "#server/sealing/trust-key.ts";
import { trusts } from "#server/trusts.ts";
import type { Command } from "../holdfast.ts";

export const rebuildCommand: Command = {
  summary: "drops every projection and makes it again from the logs",
  help: `holdfast rebuild [--trust northmoor|westvale] [--json]

Drops the boards, the search index and what the desk lists of devices, people and settings, and makes them again from the care and
control logs. The logs are only read. Records that were disposed of stay ended, and a key of theirs that a backup brought back is
destroyed. May run beside a server: pushes wait meanwhile, and tablets keep what they hold.

  --trust   one trust only; both by default
  --json    prints the counts as one JSON line instead of a progress bar

Exit codes: 0 done; 1 failed, or some record could not be projected; 3 something to put right first.
Settings: HOLDFAST_DATA, DATABASE_URL (see \`holdfast serve --help\`).`,
  run: async (args) => {
    const { values } = parseArgs({ args, options: { trust: { type: "string" }, json: { type: "boolean" } } });
    const wanted = trusts.filter(({ trust }) => values.trust === undefined || trust === values.trust);
    if (wanted.length === 0) {
      console.error(`There is no trust "${values.trust}". Choose from ${trusts.map(({ trust }) => trust).join(", ")}.`);
      return 2;
    }
    const config = readConfig(process.env);
    const cluster = await openCluster(config, { attach: true });
    const done: Record<string, Rebuilt> = {};
    try {
      for (const { trust } of wanted) {
        await cluster.prepare(trust);
        const keyRing = createKeyRing(fileTrustKey(config.dataDirectory, trust));
        const bar = values.json
          ? undefined
          : new SingleBar({ format: `${trust} {bar} {value}/{total} lines, {eta} s left` });
        let shown = -1;
        done[trust] = await rebuild(cluster.url(trust, "owner"), keyRing, (lines, all) => {
          if (shown < 0) bar?.start(all, 0);
          bar?.increment(lines - Math.max(shown, 0));
          shown = lines;
        });
        if (shown >= 0) bar?.stop();
      }
    } finally {
      await cluster.stop();
    }
    if (values.json) console.log(JSON.stringify(done));
    else
      for (const [trust, { records, lines, subjects, disposed, failed }] of Object.entries(done))
        console.log(
          `${trust}: ${records} records, ${lines} lines, ${subjects} subjects of the control log${disposed ? `, ${disposed} disposed of` : ""}${failed ? `, ${failed} FAILED` : ""}`,
        );
    return Object.values(done).some(({ failed }) => failed > 0) ? 1 : 0;
  },
};
