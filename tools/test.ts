import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { relative } from "node:path";
import process from "node:process";

/** The gate: types, lint, dead code, the web apps' build and size, then every test. Stops at the first step that fails. */
const long = process.argv.includes("--long");
const report = ".cache/vitest.json";
const steps: [what: string, command: string, args: string[]][] = [
  ["types", "tsc", ["-b"]],
  ["lint and format", "biome", ["check"]],
  ["dead code", "knip", []],
  ["web apps", "node", ["tools/build.ts"]],
  ["tests", "vitest", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`]],
];

interface Report {
  testResults: { name: string; assertionResults: { fullName: string; status: string }[] }[];
}
/** Where a test's process died no test fails, and its file is named nowhere else. */
const unended = ({ testResults }: Report): string[] =>
  testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === "pending")
      .map(({ fullName }) => `${relative(process.cwd(), name)}: ${fullName}`),
  );

let failed = false;
for (const [what, command, args] of steps) {
  const started = Date.now();
  console.log(`\n── ${what}`);
  const { status } = spawnSync(command, args, {
    stdio: "inherit",
    env: { ...process.env, ...(long && { HOLDFAST_LONG: "1" }) },
  });
  failed = status !== 0;
  console.log(`── ${what}: ${failed ? "FAILED" : "passed"} in ${Math.round((Date.now() - started) / 1000)} s`);
  if (failed) break;
}

try {
  const counts = JSON.parse(readFileSync(report, "utf8"));
  for (const line of unended(counts)) console.log(`did not end: ${line}`);
  console.log(`\n${counts.numPassedTests} passed, ${counts.numFailedTests} failed, ${counts.numPendingTests} skipped`);
} catch {
  console.log("\n0 passed, 1 failed");
}
process.exit(failed ? 1 : 0);
