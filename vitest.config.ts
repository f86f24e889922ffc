import { defineConfig } from "vitest/config";

const never = ["**/node_modules/**", "dist/**", ".cache/**"];
const browser = ["test/e2e/**/*.test.ts"];
/** Who cuts the power holds the machine to themselves. */
const alone = ["test/faults/**/*.test.ts"];

export default defineConfig({
  test: {
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A condition is waited for as long as it takes: how fast something is, `npm run bench` says.
    expect: { poll: { timeout: 60_000 } },
    globalSetup: "test/global-set-up.ts",
    projects: [
      {
        extends: true,
        test: { name: "parts", include: ["**/*.test.ts", "**/*.test.tsx"], exclude: [...never, ...browser, ...alone] },
      },
      { extends: true, test: { name: "whole", include: browser, exclude: never, testTimeout: 600_000 } },
      {
        extends: true,
        test: { name: "alone", include: alone, exclude: never, fileParallelism: false, testTimeout: 600_000 },
      },
    ],
  },
});
