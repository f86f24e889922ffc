import { availableParallelism } from "node:os";
import type { Figure, SceneResult } from "./scene.ts";

export interface DrillReport {
  format: "holdfast drill 1";
  /** When it was played. */
  made: string;
  version: string;
  node: string;
  cores: number;
  tablets: number;
  passed: boolean;
  /** Goals for speed that were missed. */
  slow: number;
  seconds: number;
  scenes: SceneResult[];
}

export const reportOf = (scenes: SceneResult[], about: { version: string; tablets: number }): DrillReport => ({
  format: "holdfast drill 1",
  made: new Date().toISOString(),
  ...about,
  node: process.version,
  cores: availableParallelism(),
  passed: scenes.every(({ faults }) => faults.length === 0),
  slow: scenes.flatMap(({ figures }) => figures).filter((each) => !isMet(each)).length,
  seconds: Math.round(scenes.reduce((sum, { seconds }) => sum + seconds, 0)),
  scenes,
});

const isMet = ({ value, atMost }: Figure): boolean => atMost === undefined || value <= atMost;

const verdictOf = ({ faults, skipped }: SceneResult): string =>
  skipped !== undefined ? "not played" : faults.length === 0 ? "passed" : "FAILED";

const goalOf = ({ unit, atMost }: Figure): string => (atMost === undefined ? "" : `≤ ${atMost} ${unit}`);

/** As a terminal shows it. */
export const textOf = (report: DrillReport): string =>
  [
    `The drill, ${report.made}: ${report.passed ? "PASSED" : "FAILED"} in ${report.seconds} s with ${report.tablets} tablets.`,
    ...report.scenes.flatMap((scene) => [
      `${verdictOf(scene).padEnd(11)}${scene.name} (${scene.seconds} s)`,
      ...(scene.skipped === undefined ? [] : [`             ${scene.skipped}`]),
      ...scene.faults.map((words) => `           ! ${words}`),
      ...scene.figures.map(
        (figure) =>
          `             ${figure.what}: ${figure.value} ${figure.unit}${figure.atMost === undefined ? "" : ` (goal ${goalOf(figure)}${isMet(figure) ? "" : ", MISSED"})`}`,
      ),
    ]),
  ].join("\n");

/** As Markdown, for whoever keeps it. */
export const markdownOf = (report: DrillReport): string =>
  [
    "# The drill",
    "",
    "`npx holdfast drill` plays the day that Holdfast is built for, on a copy: every server in a process of its own, tablets and screens with the",
    "shipped replica, each with a ledger of its own. What it found is judged from the ledgers and the databases. Times are of one run on one",
    `machine (${report.cores} cores, shared; Node ${report.node.slice(1)}) and fail nothing; what is lost, twice, altered, forged or let through does.`,
    "",
    `**${report.passed ? "Passed" : "Failed"}**, ${report.made}, version ${report.version}, ${report.tablets} tablets, ${report.seconds} s.`,
    "",
    "| scene | result | what | measured | goal |",
    "|---|---|---|---|---|",
    ...report.scenes.flatMap(rowsOf),
    "",
  ].join("\n");

const rowsOf = (scene: SceneResult): string[] => {
  const words = [...(scene.skipped === undefined ? [] : [scene.skipped]), ...scene.faults];
  const first = `| ${scene.name} | ${verdictOf(scene)} | ${words.join("; ") || "the whole scene"} | ${scene.seconds} s | |`;
  return [
    first,
    ...scene.figures.map(
      (figure) =>
        `| | | ${figure.what} | ${figure.value} ${figure.unit} | ${goalOf(figure)}${isMet(figure) ? "" : " missed"} |`,
    ),
  ];
};
