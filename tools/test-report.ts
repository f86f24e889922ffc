import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** How the tests of one run ended. */
export interface TestReport {
  passed: number;
  failed: number;
  skipped: number;
  /** Files whose process died, and the test that it died at: the runner names neither. Of their tests only what failed is counted. */
  died: { file: string; at: string }[];
  /** Errors that belong to no test, beside those deaths. */
  otherErrors: number;
}

export const testReportFile = ".cache/tests.json";

export default class implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const report: TestReport = { passed: 0, failed: 0, skipped: 0, died: [], otherErrors: 0 };
    report.otherErrors = errors.filter(({ message }) => !message.startsWith("[vitest-pool]: Worker")).length;
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => ({ test, state: test.result().state }));
      const countOf = (which: string) => states.filter(({ state }) => state === which).length;
      // What failed before it came to its tests failed too.
      report.failed += countOf("failed") || (module.state() === "failed" ? 1 : 0);
      const unended = states.filter(({ state }) => state === "pending").map(({ test }) => test.fullName);
      if (unended.length > 0 || ["queued", "pending"].includes(module.state())) {
        report.died.push({ file: module.relativeModuleId, at: unended[0] ?? "its start" });
        continue;
      }
      report.passed += countOf("passed");
      report.skipped += countOf("skipped");
    }
    mkdirSync(dirname(testReportFile), { recursive: true });
    writeFileSync(testReportFile, JSON.stringify(report, null, 1));
  }
}
