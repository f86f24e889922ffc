import { parseArgs } from "node:util";
import type { ProofResult } from "#protocol/control/proof.ts";
import { trusts } from "#server/trusts.ts";
import { verifyTrust } from "#server/verify/verify.ts";
import type { Command } from "../holdfast.ts";
import { linesBar } from "./lines-bar.ts";
import { isClear, proofOptions, proofParts } from "./proof-options.ts";
import { withTrust } from "./with-trust.ts";

export const verifyCommand: Command = {
  summary: "says whether anything in a trust's logs was changed, since when, and which records",
  help: `holdfast verify --trust <northmoor|westvale> [--letterbox URL --secret FILE | --segments DIR]
                [--identity FILE | --share FILE --share FILE] [--log-key FILE] [--json]

Compares every line of the database with its hash, its clear columns, its place and the tree of its log; the trees with every head that
was signed, in the archive and by the witnesses of HOLDFAST_WITNESSES; and what no head reaches yet with what devices signed.
Changes no line, and may run beside a server of this version. Where none runs it starts the embedded database, and the tables of an
older version it brings up to its own. Runs at the base, or wherever else the trust's database and keys are.

  --letterbox  address, with a secret for either direction; or --segments, the letterbox's own directory of segments
  --identity   an age identity, or two officers' shares: where something is wrong, the archive's lines say what it was. Needs a
               secret to read with, and is nothing for the base
  --log-key    the trust's log keys; without it the base's own
  --json       prints the result as one JSON line instead of a progress bar

It names records by their ids, and no patient. verifier/holdfast-verify.mjs does the same for the archive alone, with nothing of
this program; \`holdfast evidence\` packs what an assessor needs. Exit codes: 0 nothing is wrong; 1 something is; 2 wrongly called; 3 something to put right first.
Settings: HOLDFAST_DATA, DATABASE_URL, HOLDFAST_WITNESSES (see \`holdfast serve --help\`).`,
  run: async (args) => {
    const { values } = parseArgs({
      args,
      options: { trust: { type: "string" }, ...proofOptions, json: { type: "boolean" } },
    });
    const found = trusts.find(({ trust }) => trust === values.trust);
    if (found === undefined || !isClear(values)) {
      console.error("Say which trust, and where its archive is: `holdfast verify --help` says how.");
      return 2;
    }
    const { trust } = found;
    return withTrust(trust, async (open) => {
      const url = open.url("archive");
      const parts = await proofParts(trust, values, open);
      const bar = values.json ? undefined : await linesBar(trust, url);
      const result = await verifyTrust({ url, ...parts, ...(bar && { onProgress: bar.at }) });
      bar?.end();
      console.log(values.json ? JSON.stringify(result) : resultText(trust, result));
      return result.good ? 0 : 1;
    });
  },
};

const resultText = (trust: string, { good, ranAt, seconds, againstArchive, logs }: ProofResult): string => {
  const lines = [
    `${trust}, ${ranAt}, ${seconds} s: ${good ? "NOTHING IS WRONG" : "SOMETHING IS WRONG"}${againstArchive ? "" : " (not compared with the archive's lines)"}`,
  ];
  for (const each of logs) {
    const { log, lines: count, provenTo, provenAt, cosigned, cleanLine, problems, problemCount } = each;
    const proof =
      provenAt === null
        ? "no head agrees"
        : `proved to line ${provenTo}, ${cosigned ? "seen by a witness" : "by the base's word alone"} ${provenAt}`;
    lines.push(`  ${log}: ${count} lines; ${proof}`);
    if (problemCount === 0) continue;
    lines.push(`    Good up to line ${cleanLine}. What is wrong came after ${provenAt ?? "the beginning"}:`);
    for (const { kind, from, to, words } of problems)
      lines.push(`    ${kind}${from === null ? "" : ` ${from}${to === from ? "" : `–${to}`}`}: ${words}`);
    if (problemCount > problems.length) lines.push(`    and ${problemCount - problems.length} more`);
    if (each.recordCount > 0)
      lines.push(
        `    ${each.recordCount} records: ${each.records.join(", ")}${each.recordCount > each.records.length ? " …" : ""}`,
      );
  }
  return lines.join("\n");
};
