import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { logKeyOf } from "#server/archive/log-key.ts";
import { keepLeftOut, leftOutJournal } from "#server/epochs/left-out.ts";
import { readOfficers } from "#server/epochs/officers.ts";
import { type Restored, restore } from "#server/recovery/restore.ts";
import { trusts } from "#server/trusts.ts";
import type { Command } from "../holdfast.ts";
import { identityOf, progressOf, readerOf, readText } from "./archive-options.ts";
import { leftOutText } from "./left-out-text.ts";
import { withTrust } from "./with-trust.ts";

export const restoreCommand: Command = {
  summary: "makes a trust's database again from the archive, with a proof",
  help: `holdfast restore --trust <northmoor|westvale> (--letterbox URL --secret FILE | --segments DIR)
                 (--share FILE --share FILE | --identity FILE) --log-key FILE [--to-time 2026-11-23T03:00:00Z] [--json]

Runs on a machine that never held the base's disk: an empty HOLDFAST_DATA gets keys of its own. Every line is checked against its
signature, its place and its hash before it is taken; at the first that is not good the restore of that log ends, and says where.
Attachments come back after the lines: one that is not good is named, and the rest is taken.
What a later line of the control log would have changed is listed, here and at the desk once the trust is served.
Interrupted, it goes on when it is run again. At the end it prints what there is, by kind and by day, and devices offer what the
archive lacks when the server starts.

  --letterbox  address, with the secret to read with; or --segments, the letterbox's own directory of segments
  --share      an officer's share; any two of a trust's three. --identity: a file with an age identity instead
  --log-key    the trust's log keys, which the officers keep beside their shares; with <trust>.officers in the same folder, later
               epochs are followed
  --to-time    leaves out what was received after it
  --json       prints the proof as one JSON line instead of a progress bar

Exit codes: 0 done; 1 failed, or the archive is not good to its end or in an attachment; 2 wrongly called; 3 something to put right first.
Settings: HOLDFAST_DATA, DATABASE_URL (see \`holdfast serve --help\`).`,
  run: async (args) => {
    const { values } = parseArgs({
      args,
      options: {
        trust: { type: "string" },
        letterbox: { type: "string" },
        secret: { type: "string" },
        segments: { type: "string" },
        share: { type: "string", multiple: true },
        identity: { type: "string" },
        "log-key": { type: "string" },
        "to-time": { type: "string" },
        json: { type: "boolean" },
      },
    });
    const found = trusts.find(({ trust }) => trust === values.trust);
    const letterbox = readerOf(values);
    const toTime = values["to-time"] === undefined ? undefined : new Date(values["to-time"]);
    const isClear =
      found !== undefined &&
      letterbox !== undefined &&
      values["log-key"] !== undefined &&
      (values.share !== undefined) !== (values.identity !== undefined) &&
      !Number.isNaN(toTime?.getTime());
    if (!isClear) {
      console.error("Say which trust, where its archive is, and what opens it: `holdfast restore --help` says how.");
      return 2;
    }
    const { trust } = found;
    const identity = (await identityOf(values))!;
    const logKeys = readText(values["log-key"]!).trim().split("\n").map(logKeyOf);
    return withTrust(
      trust,
      async ({ config, keyRing, url }) => {
        const progress = values.json ? undefined : await progressOf(trust, letterbox);
        const restored = await restore({
          url: url("owner"),
          keyRing,
          trust,
          letterbox,
          logKeys,
          officers: readOfficers(dirname(values["log-key"]!), trust),
          identity,
          ...(toTime && { toTime }),
          ...(progress && { onProgress: progress.at }),
        });
        progress?.end();
        await keepLeftOut(keyRing, leftOutJournal(config.dataDirectory, trust), restored.leftOutChanges);
        console.log(values.json ? JSON.stringify(restored) : proofText(trust, restored));
        const isGood =
          restored.failed === 0 && restored.blobs.altered.length === 0 && !restored.logs.some(({ broken }) => broken);
        return isGood ? 0 : 1;
      },
      { mayBeNew: true },
    );
  },
};

const proofText = (trust: string, restored: Restored): string => {
  const { logs, records, failed, byKind, byDay, blobs, leftOutChanges } = restored;
  const lines = [`${trust}: ${records} records${failed > 0 ? `, ${failed} of them NOT PROJECTED` : ""}`];
  for (const { log, lines: count, epoch, root, lastReceived, leftOut, broken } of logs) {
    lines.push(
      `  ${log}: ${count} lines of epoch ${epoch}, the last received ${lastReceived ?? "never"}`,
      `    root ${root}`,
    );
    if (leftOut > 0) lines.push(`    ${leftOut} later lines left out`);
    if (broken) lines.push(`    THE ARCHIVE IS NOT GOOD AFTER THAT: ${broken.words}`);
  }
  lines.push(...leftOutText(leftOutChanges), ...blobsText(blobs));
  const table = (counts: Record<string, number>) =>
    Object.entries(counts)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, count]) => `    ${key} ${count}`);
  lines.push("  care log by kind", ...table(byKind), "  care log by day received", ...table(byDay));
  return lines.join("\n");
};

const blobsText = ({ restored, leftOut, altered, missing }: Restored["blobs"]): string[] => [
  `  attachments: ${restored} restored, ${missing.length} missing, ${altered.length} altered`,
  ...(leftOut > 0 ? [`    ${leftOut} left out: later, or of records that were disposed of`] : []),
  ...altered.map(({ object, fault }) => `    NOT GOOD IN THE ARCHIVE: ${object}: ${fault}`),
  ...missing.map(({ recordId, sha256 }) => `    missing: record ${recordId}, attachment ${sha256}`),
];
