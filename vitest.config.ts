import { defineConfig } from "vitest/config";

const never = ["**/node_modules/**", "dist/**", ".cache/**"];
/** Slow tests hold a machine to themselves: a browser, a mounted file system, a server that is killed. */
const heavy = ["test/e2e/**/*.test.ts", "test/faults/**/*.test.ts"];

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
        test: { name: "parts", include: ["**/*.test.ts", "**/*.test.tsx"], exclude: [...never, ...heavy] },
      },
      {
        extends: true,
        test: { name: "whole", include: heavy, exclude: never, fileParallelism: false, testTimeout: 600_000 },
      },
    ],
  },
});
