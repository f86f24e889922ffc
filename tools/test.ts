import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import process from "node:process";
import { type TestReport, testReportFile } from "./test-report.ts";

/** The gate: types, lint, dead code, the web apps' build and size, then every test. Stops at the first step that fails. */
const long = process.argv.includes("--long");

/** Whether it passed. */
const step = (what: string, command: string, args: readonly string[]): boolean => {
  const started = Date.now();
  console.log(`\n── ${what}`);
  const { status } = spawnSync(command, args, {
    stdio: "inherit",
    env: { ...process.env, ...(long && { HOLDFAST_LONG: "1" }) },
  });
  const seconds = Math.round((Date.now() - started) / 1000);
  console.log(`── ${what}: ${status === 0 ? "passed" : "FAILED"} in ${seconds} s`);
  return status === 0;
};

/** The tests in these files, or all; undefined where the runner itself came to no end. */
const runTests = (what: string, files: readonly string[]): (TestReport & { isGood: boolean }) | undefined => {
  rmSync(testReportFile, { force: true });
  const isGood = step(what, "vitest", ["run", "--reporter=default", "--reporter=./tools/test-report.ts", ...files]);
  try {
    return { isGood, ...(JSON.parse(readFileSync(testReportFile, "utf8")) as TestReport) };
  } catch {
    return undefined;
  }
};

/** More than that is no accident. */
const diedMax = 2;

const testAll = (): boolean => {
  const all = runTests("tests", []);
  if (all === undefined) return false;
  for (const { file, at } of all.died) console.log(`the process of its tests died: ${file}, at: ${at}`);
  // V8 takes a process with it now and then, without a word (nodejs/node issue 62393). Whether it was no more than that, those
  // files say once more, as strictly as all of them.
  const mayBeAccident = all.died.length > 0 && all.died.length <= diedMax && all.failed === 0 && all.otherErrors === 0;
  const files = all.died.map(({ file }) => file);
  const again = mayBeAccident ? runTests("tests whose process died, once more", files) : undefined;
  const sum = (count: "passed" | "failed" | "skipped") => all[count] + (again?.[count] ?? 0);
  const failed = sum("failed") + (again ?? all).died.length;
  console.log(`\n${sum("passed")} passed, ${failed} failed, ${sum("skipped")} skipped`);
  return mayBeAccident ? again?.isGood === true : all.isGood;
};

const isBuilt =
  step("types", "tsc", ["-b"]) &&
  step("lint and format", "biome", ["check"]) &&
  step("dead code", "knip", []) &&
  step("web apps", "node", ["tools/build.ts"]);
if (!isBuilt) console.log("\n0 passed, 1 failed");
process.exit(isBuilt && testAll() ? 0 : 1);
