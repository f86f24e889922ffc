import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SingleBar } from "cli-progress";
import { SetupProblem } from "#server/config.ts";
import { playDay } from "../drill/day.ts";
import { markdownOf, reportOf, textOf } from "../drill/report.ts";
import type { Command } from "../holdfast.ts";
import { wholeNumber } from "./whole-number.ts";

const tabletsDefault = 12;

export const drillCommand: Command = {
  summary: "plays the day that the base is destroyed, on a copy, and says what was lost and how long it took",
  help: `holdfast drill [--tablets ${tabletsDefault}] [--on DIR] [--report FILE] [--json]

Starts a letterbox, a witness, two trusts' bases and a standby, each a process of its own in an empty folder, lets tablets and screens
write, and plays the day on them: the archive's disk full, the witness gone, the base killed and encrypted, its secrets stolen, the standby
made the base, tablets back after three days, the old base back, a restore by the officers' shares. It touches nothing that runs
already, and removes what it made. As root on Linux the full disk is a real one; otherwise that scene is left out, and said to be.

  --tablets  of the trust that is attacked; 200 takes some minutes
  --on       an empty folder to play in, or one to be made; otherwise a temporary one. It is removed at the end
  --report   writes the report as Markdown too
  --json     prints it as one JSON line instead of a progress bar and text

Nothing in it is of a patient: everybody is invented. Exit codes: 0 nothing was lost, twice, altered, forged or let through; 1 something
was, or never came; 2 wrongly called; 3 something to put right first. Times are shown beside their goals, and fail nothing.`,
  run: async (args) => {
    const { values } = parseArgs({
      args,
      options: {
        tablets: { type: "string" },
        on: { type: "string" },
        report: { type: "string" },
        json: { type: "boolean" },
      },
    });
    const tablets = wholeNumber(values.tablets, tabletsDefault, 4, 1_000);
    const folder = folderFor(values.on);
    const bar = values.json ? undefined : new SingleBar({ format: "{bar} {value} of {total} scenes: {scene}" });
    bar?.start(1, 0, { scene: "" });
    const stopping = new AbortController();
    process.once("SIGINT", () => stopping.abort());
    const scenes = await playDay({
      ...{ folder, tablets, signal: stopping.signal },
      everyMs: 1_000 * Math.max(1, tablets / 100),
      patienceMs: 120_000 * Math.max(1, tablets / 50),
      onScene: (done, of, scene) => {
        bar?.setTotal(of);
        bar?.update(done, { scene });
      },
    });
    bar?.stop();
    const report = reportOf(scenes, { version: versionOf(), tablets });
    console.log(values.json ? JSON.stringify(report) : textOf(report));
    if (values.report !== undefined) writeFileSync(values.report, markdownOf(report));
    return report.passed ? 0 : 1;
  },
};

const folderFor = (on: string | undefined): string => {
  if (on === undefined) return mkdtempSync(join(tmpdir(), "holdfast-drill-"));
  if (existsSync(on) && readdirSync(on).length > 0)
    throw new SetupProblem(
      "not-empty",
      `${on} is not empty.`,
      "name an empty folder: the drill destroys what is in it.",
    );
  return on;
};

const versionOf = (): string =>
  (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }).version;
