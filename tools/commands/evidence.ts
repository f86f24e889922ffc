import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openLogKey } from "#server/archive/log-key.ts";
import { SetupProblem } from "#server/config.ts";
import { type Evidence, makeEvidence } from "#server/evidence/evidence.ts";
import { programFiles } from "#server/evidence/program-files.ts";
import { type RestoreProof, restoreProof } from "#server/evidence/restore-proof.ts";
import { trusts } from "#server/trusts.ts";
import type { Command } from "../holdfast.ts";
import { readText } from "./archive-options.ts";
import { linesBar } from "./lines-bar.ts";
import { isClear, proofOptions, proofParts } from "./proof-options.ts";
import { withTrust } from "./with-trust.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export const evidenceCommand: Command = {
  summary: "makes one signed archive of what happened, for an independent assessor",
  help: `holdfast evidence --trust <northmoor|westvale> --out FILE [--letterbox URL --secret FILE | --segments DIR]
                  [--identity FILE | --share FILE --share FILE] [--log-key FILE] [--restore-proof FILE] [--json]

Runs \`holdfast verify\` and \`holdfast timeline\` on the database as it is at one instant, and packs what they say into one tar: the logs'
signed heads with the witnesses' signatures, the verification and the last clean point, the timeline, the settings and their changes, the
program's packages (CycloneDX) and the SHA-256 of its files, and what is still to be asked about. Its manifest is signed with the
trust's log key. Changes no line, and may run beside a server of this version; where none runs it starts the embedded database, and the
tables of an older version it brings up to its own. Some six minutes for a million lines, and 550 bytes of disk for each.

  --out            a new file; nothing is overwritten
  --letterbox, --secret, --segments, --identity, --share, --log-key   as \`holdfast verify --help\` says
  --restore-proof  what \`holdfast restore --json\` printed, to go with it
  --json           prints what was packed as one JSON line instead of a progress bar

It names people, devices and records by their ids, and no patient. verifier/holdfast-evidence.mjs checks the pack anywhere, with nothing
of this program. Exit codes: 0 packed, and nothing is wrong; 1 packed, and something is; 2 wrongly called; 3 something to put right
first.
Settings: HOLDFAST_DATA, DATABASE_URL, HOLDFAST_WITNESSES (see \`holdfast serve --help\`).`,
  run: async (args) => {
    const { values } = parseArgs({
      args,
      options: {
        trust: { type: "string" },
        out: { type: "string" },
        ...proofOptions,
        "restore-proof": { type: "string" },
        json: { type: "boolean" },
      },
    });
    const found = trusts.find(({ trust }) => trust === values.trust);
    const { out } = values;
    if (found === undefined || out === undefined || !isClear(values)) {
      console.error("Say which trust, where its archive is, and where to: `holdfast evidence --help` says how.");
      return 2;
    }
    for (const path of [out, `${out}.unfinished`])
      if (existsSync(path))
        throw new SetupProblem("there-already", `${path} is there.`, "name a new file, or remove it.");
    const { trust } = found;
    const restored = values["restore-proof"] === undefined ? undefined : readProof(values["restore-proof"]);
    return withTrust(trust, async (open) => {
      const url = open.url("archive");
      const parts = await proofParts(trust, values, open);
      const bars = values.json ? [] : [await linesBar(trust, url, "proving"), await linesBar(trust, url, "timeline")];
      const evidence = await makeEvidence({
        ...parts,
        url,
        path: out,
        config: open.config,
        logKey: openLogKey(open.config.dataDirectory, trust, open.keyRing),
        program: { lockFile: readFileSync(join(root, "package-lock.json"), "utf8"), files: programFiles(root) },
        ...(restored && { restored }),
        ...(bars[0] && { onProgress: bars[0].at }),
        ...(bars[1] && { onTimeline: bars[1].at }),
      });
      for (const bar of bars) bar.end();
      console.log(values.json ? JSON.stringify(evidence) : inWords(out, evidence));
      return evidence.good ? 0 : 1;
    });
  },
};

const readProof = (path: string): RestoreProof => {
  const text = readText(path);
  try {
    return restoreProof.parse(JSON.parse(text));
  } catch {
    const todo = "give the one line that `holdfast restore --json` printed.";
    throw new SetupProblem("no-restore-proof", `${path} is no proof of a restore.`, todo);
  }
};

const findingsShown = 50;
const inWords = (path: string, { trust, made, good, cleanPoint, findings, files }: Evidence): string =>
  [
    `${trust}, ${made}: ${good ? "NOTHING IS WRONG" : "SOMETHING IS WRONG"}. ${files.length} files in ${path}`,
    `  last clean point: ${cleanPoint.at ?? "none is known"}`,
    ...cleanPoint.logs.map(({ log, cleanLine, provenTo }) => `    ${log} to line ${cleanLine}, proved to ${provenTo}`),
    `  to ask about: ${findings.length}`,
    ...findings.slice(0, findingsShown).map(({ code, log, from, to, words }) => {
      const place = [log, from === undefined ? undefined : `${from}${to === from ? "" : `–${to}`}`];
      return `    ${[code, ...place].filter((each) => each !== undefined).join(" ")}: ${words}`;
    }),
  ].join("\n");
